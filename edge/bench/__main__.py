"""``python -m edge.bench`` is ``edge-bench``."""

from edge.bench.command import cli

if __name__ == "__main__":
    cli()
