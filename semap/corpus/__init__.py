"""Token ids in one long array: what learners read, and how text becomes one."""
