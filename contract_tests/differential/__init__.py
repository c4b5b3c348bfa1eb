"""`lookalike` sends the same requests to two of the programs, which must answer alike."""
