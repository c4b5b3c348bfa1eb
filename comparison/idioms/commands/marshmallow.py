import click

from flask_shop.app import app
from flask_shop.models import Tag, db


@app.cli.command("create-tag")
@click.argument("slug")
def create_tag(slug):
    db.session.add(Tag(slug=slug))
    db.session.commit()
    click.echo(f"Created {slug}.")
