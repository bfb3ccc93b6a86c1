"""What networks are taught: a method is a network with its tasks, each with targets and a loss."""
