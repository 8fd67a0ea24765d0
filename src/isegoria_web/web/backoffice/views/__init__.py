"""The pages of the back office, by topic."""
