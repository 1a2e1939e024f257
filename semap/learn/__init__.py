"""A corpus in, a Table out: the learners and the rounds of blocks they run."""
