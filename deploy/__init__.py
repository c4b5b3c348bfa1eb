"""Starts the twins on one machine, in the same way each."""
