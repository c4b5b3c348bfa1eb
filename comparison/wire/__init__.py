"""What changes on the wire from Flask's defaults to Django's: rows of data, asked live."""
