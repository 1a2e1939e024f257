"""Foreign files of vectors, one format a file, and `load`, which recognises them by their content."""
