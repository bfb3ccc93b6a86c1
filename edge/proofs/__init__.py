"""Proofs that take minutes, for ``make soak``: long runs and damaged model files."""
