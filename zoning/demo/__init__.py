"""The demo county: synthetic, made by a seeded generator."""
