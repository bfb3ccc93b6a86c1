"""What every training run needs, whatever is taught: batches, the loop, checkpoints, the end."""
