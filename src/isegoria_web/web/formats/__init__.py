"""Dates and numbers as the pages write them: in full, the day before the month, the clock with 24 hours."""
