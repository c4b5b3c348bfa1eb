"""`manage.py changepassword`: change a user's password, which ends all logins.

Django's own, which comes with `django.contrib.auth`, would leave the tokens valid.
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from drf_api.accounts.management.commands import createsuperuser
from drf_api.accounts.models import User


class Command(createsuperuser.Command):
    """Asks for the new password as `createsuperuser` does."""

    help = "Change a user's password, and revoke all of the user's tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']}.")
        try:
            password = self.ask("password")
        except (KeyboardInterrupt, EOFError) as error:
            raise CommandError("Nothing was changed.") from error
        if not user.change_password(password):
            raise CommandError("Nothing was changed: the password was changed meanwhile.")
        self.stdout.write(f"Changed the password of {user.username}, whose tokens are revoked.")
