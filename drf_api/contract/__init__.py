"""What all resources share: one clause of the contract per module."""
