"""Plain twins of the compiled kernels, written to be checked against the papers."""
