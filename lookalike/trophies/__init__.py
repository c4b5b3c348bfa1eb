"""Pairs of public programs, how to start them, and the differences that were found between them."""
