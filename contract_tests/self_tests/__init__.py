"""Small wrong servers, which show that each layer of the suite can fail, and says of what."""
