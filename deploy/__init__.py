"""Launchers for both twins on one machine."""
