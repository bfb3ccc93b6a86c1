"""What decides a run, as plain data: nothing here is slow to import."""
