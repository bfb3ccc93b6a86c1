"""Training of the face finder: frames and boxes in, a network of ``train.models.finder`` out."""
