"""Schemathesis on each server, and its hooks."""
