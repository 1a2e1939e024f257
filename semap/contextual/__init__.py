"""Texts in, vectors that depend on the words around out: pretrained encoders."""
