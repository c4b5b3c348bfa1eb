"""Sends the same requests to two servers, and says how their answers differ."""

from lookalike.actors import Actor
from lookalike.client import DifferenceError, DifferentialClient
from lookalike.openapi import Contract
from lookalike.targets import Target

__all__ = ["Actor", "Contract", "DifferenceError", "DifferentialClient", "Target"]
