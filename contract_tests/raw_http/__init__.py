"""Raw requests, byte for byte, and the expected responses: one table per theme."""
