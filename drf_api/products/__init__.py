"""The catalogue, its figures and its stock."""
