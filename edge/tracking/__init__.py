"""How a face is followed: where to look next, whether it is still there, when to search again."""
