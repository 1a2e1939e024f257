"""What users did with items, as ids, values and times."""
