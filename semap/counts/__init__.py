"""Sparse matrices of counts, and one-hot rows as their simplest case."""
