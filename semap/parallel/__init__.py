"""Plain Python threads that run kernels."""
