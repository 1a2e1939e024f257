"""Ids in, what a network learns from them out: layers and classifiers on torch."""
