"""Networks on their way to INT8: folded, treated, with roundings in them."""
