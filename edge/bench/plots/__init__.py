"""Plots of a report as SVG text, without a plotting library: a board should need none."""
