"""The networks, as plain functions that build a Keras model."""
