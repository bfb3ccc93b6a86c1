"""Faces turned out of plane with their landmarks, to train on poses that a data set lacks."""
