"""The idea of embeddings from the ground up, as a page whose code runs, and a demo on real text."""
