"""ACCOUNT: the quota book."""
