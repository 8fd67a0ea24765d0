"""What the back office fills in, by topic."""
