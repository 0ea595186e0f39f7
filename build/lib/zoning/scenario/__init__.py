"""DECIDE: scenario files, the engine and its findings; ids and integers only."""
