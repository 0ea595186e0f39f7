"""One archive that installs and runs on a machine without any network."""
