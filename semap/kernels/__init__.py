"""Arrays and numbers in, arrays changed in place: `reference` is plain Python, `native` the same compiled."""
