"""What a trained network is worth: errors, conditions, thresholds, time."""
