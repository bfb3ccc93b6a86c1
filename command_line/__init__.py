"""What every command shares: how its numbers are read and how it ends."""
