"""Checks of one server against its OpenAPI file and the RFCs that it claims, in packs."""
