"""A few rows, the same as the other program's."""

from comparison.plain.flask_plain.models import Category, Item, Product, Todo, User, db
from comparison.plain.rows import CATEGORIES, PRODUCTS, TODOS, USERS


def seed(app):
    with app.app_context():
        db.create_all()
        for row in USERS:
            user = User(username=row["username"], email=row["email"])
            user.set_password(row["password"])
            db.session.add(user)
        categories = [Category(name=name) for name in CATEGORIES]
        db.session.add_all(categories)
        for row in PRODUCTS:
            chosen = [each for each in categories if each.name in row["categories"]]
            db.session.add(Product(**{**row, "categories": chosen}))
            db.session.flush()  # one by one, so that ids follow the order of the rows
        for row in TODOS:
            owner = db.session.scalar(db.select(User).filter_by(username=row["owner"]))
            items = [Item(text=text) for text in row["items"]]
            fields = {name: row[name] for name in ("title", "tags", "due_at", "created_at")}
            db.session.add(Todo(owner_id=owner.id, items=items, **fields))
            db.session.flush()
        db.session.commit()
