"""Measures the twins, and what people would pick instead, under the same load."""
