"""Text in, sub-words and their ids out."""
