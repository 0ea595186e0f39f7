"""The law as data: dated, placed, cited records in TOML, a strict reader and a look-up."""
