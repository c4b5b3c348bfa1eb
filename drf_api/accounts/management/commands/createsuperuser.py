"""`manage.py createsuperuser`: make a member of staff, by the rules of the API.

Django's own is a part of `django.contrib.auth`, whose tables only the admin site has a use for.
"""

from getpass import getpass
from os import environ
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from drf_api.accounts.serializers import UserSerializer
from drf_api.contract.errors import InputError, body_errors

FIELDS = ("username", "email", "password")


class Command(BaseCommand):
    """Asks for what is not given, until it is right."""

    help = "Create a member of staff, who may change the catalogue and use the admin site."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("username", "email"):
            parser.add_argument(f"--{name}", help=f"or DJANGO_SUPERUSER_{name.upper()}")
        parser.add_argument(
            *("--noinput", "--no-input"),
            action="store_false",
            dest="interactive",
            help="ask nothing; the password is DJANGO_SUPERUSER_PASSWORD",
        )

    def handle(self, **options: Any) -> None:
        given = {
            name: options.get(name) or environ.get(f"DJANGO_SUPERUSER_{name.upper()}")
            for name in FIELDS
        }
        data = {name: value for name, value in given.items() if value}
        if options["interactive"]:
            try:
                data |= {name: self.ask(name) for name in FIELDS if name not in data}
            except (KeyboardInterrupt, EOFError) as error:
                raise CommandError("Nobody was created.") from error
        serializer = UserSerializer(data=data)
        try:
            serializer.is_valid(raise_exception=True)
        except ValidationError as error:
            raise CommandError(lines(body_errors(error.detail, serializer))) from error
        user = serializer.save(is_staff=True)
        self.stdout.write(f"Created {user.username}, who is staff.")

    def ask(self, name: str) -> str:
        """Ask for a value until it is one that the API would take; for a password twice."""
        secret = name == "password"
        while True:
            value = getpass() if secret else input(f"{name.capitalize()}: ")
            field = UserSerializer().fields[name]
            try:
                field.run_validation(value)
            except ValidationError as error:
                self.stderr.write(f"Error: {lines(body_errors(error.detail, field, f'/{name}'))}")
                continue
            if secret and getpass("Password (again): ") != value:
                self.stderr.write("Error: The two passwords differ.")
                continue
            return value


def lines(errors: Any) -> str:
    """Say what is wrong with which value, a line for each."""
    found: list[InputError] = sorted(errors, key=lambda error: error["pointer"])
    return "\n".join(f"{error['pointer'][1:]}: {error['detail']}" for error in found)
