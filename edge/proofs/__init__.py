"""Proofs that take minutes: long runs, damaged model files, clips whose motion is known."""
