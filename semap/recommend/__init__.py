"""Interactions in, vectors of users and items that say who will like what out."""
