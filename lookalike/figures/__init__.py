"""How good `lookalike` is, measured on programs that are started by their commands alone."""
