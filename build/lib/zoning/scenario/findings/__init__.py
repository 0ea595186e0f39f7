"""One function per family of rules; each takes a `Case` and returns findings."""
