"""`make clients` says what is wrong."""
