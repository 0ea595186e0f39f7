"""READ and CHECK: files to normalised layers."""
