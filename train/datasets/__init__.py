"""One module per public data set; each gives ``LabelledFace`` tuples."""
