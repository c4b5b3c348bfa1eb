"""Raw requests, byte for byte, and the answers that the contract expects: one table per theme."""
