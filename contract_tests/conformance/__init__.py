"""Schemathesis over each server, and what it needs to know."""
