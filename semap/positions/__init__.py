"""Places in a sequence in, what tells them apart out."""
