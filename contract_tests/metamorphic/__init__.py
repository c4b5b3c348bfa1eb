"""Relations between responses that hold for any data: no model, no expected values."""
