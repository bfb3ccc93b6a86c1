"""How often ``work.py`` does what is counted."""

INFERENCES = FRAMES = 5
