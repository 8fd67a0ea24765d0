"""Files in, library call, files out. No logic."""
