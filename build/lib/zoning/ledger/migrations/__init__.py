"""The schema of the quota book, as numbered migrations; nothing else makes or changes tables."""
