"""Kernels that Numba compiles for the user's own CPU."""
