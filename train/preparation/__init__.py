"""Prepared data: the faces of a data set, cut once into arrays that training maps into memory."""
