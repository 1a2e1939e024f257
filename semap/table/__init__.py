"""The table of embeddings: tokens, a matrix, metadata, and the file they are kept in."""
