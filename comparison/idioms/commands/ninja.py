from django.core.management.base import BaseCommand

from django_shop.models import Tag


# management/commands/create_tag.py, which is Django's
class Command(BaseCommand):
    help = "Create a tag"

    def add_arguments(self, parser):
        parser.add_argument("slug")

    def handle(self, *args, **options):
        tag = Tag.objects.create(slug=options["slug"])
        self.stdout.write(self.style.SUCCESS(f"Created {tag}."))
