"""Servers with a fault, which show that each layer of the suite can fail with the right message."""
