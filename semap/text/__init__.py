"""Text in, words with numbers out: how text is split, where its bytes come from, and the words found in them."""
