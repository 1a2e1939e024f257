"""Tokens and their ids: packed strings, and the vocabulary that counts them."""
