"""The playground: what marshmallow, DRF and Pydantic make of a body, plain and strict."""
