from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from flask_shop.models import Tag, Todo, db

urgent = (
    select(Todo)
    .where(Todo.completed.is_(False), Todo.tags.any(Tag.slug == "home"))
    .options(selectinload(Todo.tags))
    .order_by(Todo.due_at)
)
page = db.paginate(urgent, page=1, per_page=20)
open_by_priority = db.session.execute(
    select(Todo.priority, func.count()).group_by(Todo.priority)
).all()
