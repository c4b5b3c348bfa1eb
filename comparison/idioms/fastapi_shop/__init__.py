"""The tables that the idioms of FastAPI use."""
