"""The app that stands in for `django.contrib.admin`; settings name it before there are models."""

from typing import Any

from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.db import connections, models
from django.db.migrations import AlterField
from django.db.migrations.state import ProjectState
from django.db.models.signals import post_migrate


class ShopAdminConfig(AdminConfig):
    """Django's, with the site that counts failed logins."""

    default_site = "drf_api.accounts.admin_site.ShopAdminSite"

    def ready(self) -> None:
        super().ready()
        post_migrate.connect(unbind_users, sender=self)


def unbind_users(using: str, apps: Any, **_: Any) -> None:
    """Drop the constraint of the log's reference to users, if it is there.

    Programs that don't know the log delete users who are named in it. Not a migration: Django's
    models keep the constraint, so a later migration of theirs may create it again.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if "django_admin_log" not in connection.introspection.table_names(cursor):
            return
        constraints = connection.introspection.get_constraints(cursor, "django_admin_log")
    if not any(found["foreign_key"] == ("users", "id") for found in constraints.values()):
        return
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False)
    operation = AlterField("logentry", "user", user)
    bound = ProjectState.from_apps(apps)
    unbound = bound.clone()
    operation.state_forwards("admin", unbound)
    with connection.schema_editor() as editor:
        operation.database_forwards("admin", editor, bound, unbound)
