"""Pages for people, beside the API and over the same data."""
