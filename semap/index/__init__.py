"""Which rows are nearest, and the questions that this answers."""
