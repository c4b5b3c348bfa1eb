"""Sends the same requests to two servers, and says how their answers differ."""
