"""The poses in single pictures: what a picture may be, what is asked of it, and the process that looks at it."""
