"""The application that the idioms of FastAPI add path operations to."""

from fastapi import FastAPI

app = FastAPI()
