"""Character n-grams: the pieces of a token that its vector can be composed of."""
