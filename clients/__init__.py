"""Clients that others' tools generate from the contract, and what they are run with."""
