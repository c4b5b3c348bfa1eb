"""Relations between answers that hold whatever the data: no model, no expected values."""
