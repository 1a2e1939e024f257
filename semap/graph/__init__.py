"""Edges in, neighbours and walks out."""
