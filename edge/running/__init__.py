"""What a run is made of: its options, the stream it works through, the loop, how it ends."""
