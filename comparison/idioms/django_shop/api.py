"""The API that the idioms of Django Ninja add operations to."""

from ninja import NinjaAPI

api = NinjaAPI()
