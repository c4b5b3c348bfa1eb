from django.conf import settings
from django.db import migrations


def unbind_users(apps, schema_editor):
    """Drop the constraint of the log's reference to users; Django's models know nothing of it.

    Programs that don't know the log delete users who are named in it.
    """
    entry = apps.get_model("admin", "LogEntry")
    bound = entry._meta.get_field("user")  # noqa: SLF001 – Django's API
    free = bound.clone()
    free.db_constraint = False
    free.remote_field.model = bound.remote_field.model
    free.set_attributes_from_name(bound.name)
    free.model = entry
    schema_editor.alter_field(entry, bound, free)


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(unbind_users, migrations.RunPython.noop)]
