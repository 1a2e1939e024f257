"""Texts in, one vector for each token or each text out: a tokenizer, a table, positions and pooling."""
