"""The contract of openapi.yaml, kept by Django and Django REST framework."""
