"""The measured operations with FastAPI and SQLAlchemy's ORM, as their documentations teach."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from sqlalchemy import BigInteger, Select, cast, func, literal, not_, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from comparison.peers import contract, schemas
from comparison.peers.contract import PRIORITIES, ProblemError
from comparison.peers.fastapi_contract import READ, make_app, make_router, path_id
from comparison.peers.tables import (
    Adjustment,
    Item,
    Product,
    Tag,
    Todo,
    Token,
    User,
    make_engine,
)

engine = make_engine()
app = make_app()
api = make_router()


def get_session() -> Iterator[Session]:
    """Give a session for a request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_caller(session: SessionDep, authorization: Annotated[str, Header()] = "") -> User:
    """Find who sends the request."""
    now = datetime.now(UTC)
    digest = contract.token_digest(authorization)
    token = session.scalars(
        select(Token)
        .join(Token.user)
        .options(joinedload(Token.user))
        .where(Token.digest == digest, Token.expires_at > now, User.is_active)
    ).one_or_none()
    if token is None:
        raise contract.invalid_token()
    used = token.last_used_at and token.last_used_at.replace(tzinfo=UTC)
    if used is None or now - used > timedelta(seconds=60):
        token.last_used_at = now
        session.commit()
    return token.user


Caller = Annotated[User, Depends(get_caller)]


TodoId = Annotated[UUID, path_id("todo_id")]
ProductId = Annotated[UUID, path_id("product_id")]
LISTS = (selectinload(Todo.tags), selectinload(Todo.items))


def fetch_page(
    session: Session, request: Request, response: Response, statement: Select[Any], query: Any
) -> dict[str, Any]:
    """Fetch a page from its place on, and one row more to know whether there is another."""
    model = statement.column_descriptions[0]["entity"]
    path, pairs = request.url.path, request.query_params.multi_items()
    column = getattr(model, query.sort.removeprefix("-"))
    if start := schemas.place(query, path, pairs):
        columns = tuple_(column, model.id)
        here = tuple_(literal(start[0], column.type), literal(start[1], model.id.type))
        statement = statement.where(columns < here if query.sort[0] == "-" else columns > here)
    order = [each.desc() if query.sort[0] == "-" else each.asc() for each in (column, model.id)]
    rows = session.scalars(statement.order_by(*order).limit(query.size + 1)).all()
    following = None
    if len(rows) > query.size:
        last = rows[query.size - 1]
        value = schemas.shown_value(getattr(last, column.key))
        following = contract.following(path, pairs, value, str(last.id))
        response.headers["Link"] = f'<{following}>; rel="next"'
    return {"items": rows[: query.size], "next": following}


@api.get("/health", dependencies=READ)
def health() -> dict[str, str]:
    """Tell that the process is up."""
    return {"status": "healthy"}


@api.get("/todos", response_model=schemas.TodoPage, dependencies=READ[:1])
def list_todos(
    caller: Caller,
    query: Annotated[schemas.TodoQuery, Query()],
    session: SessionDep,
    request: Request,
    response: Response,
) -> Any:
    """List one's own todos."""
    todos = select(Todo).where(Todo.owner_id == caller.id).options(*LISTS)
    if query.completed:
        todos = todos.where(Todo.completed == (query.completed == "true"))
    if query.priority:
        todos = todos.where(Todo.priority == PRIORITIES.index(query.priority) + 1)
    if query.tag:
        todos = todos.where(Todo.tags.any(Tag.slug == query.tag))
    return fetch_page(session, request, response, todos, query)


def find_todo(session: Session, caller: User, todo_id: UUID, *, lock: bool = False) -> Todo:
    """Fetch one of the caller's todos."""
    todos = select(Todo).where(Todo.id == todo_id, Todo.owner_id == caller.id).options(*LISTS)
    todo = session.scalars(todos.with_for_update() if lock else todos).one_or_none()
    if todo is None:
        raise ProblemError("not-found")
    return todo


@api.get("/todos/{todo_id}", response_model=schemas.TodoOutput)
def get_todo(
    caller: Caller,
    todo_id: TodoId,
    session: SessionDep,
    _: Annotated[None, READ[0]],
    __: Annotated[None, READ[1]],
) -> Any:
    """Show a todo."""
    return find_todo(session, caller, todo_id)


def change(session: Session, todo: Todo, data: dict[str, Any], now: datetime) -> None:
    """Set some of a todo's properties."""
    if product_id := data.get("product_id"):
        data["product_id"] = UUID(product_id)
        if session.get(Product, data["product_id"]) is None:
            error = contract.pointer_error(["product_id"], "not_found")
            raise ProblemError("invalid-body", error)
    if "priority" in data:
        data["priority"] = PRIORITIES.index(data["priority"]) + 1
    if "tags" in data:
        data["tags"] = [session.merge(Tag(slug=slug)) for slug in sorted(data["tags"])]
    if "items" in data:
        todo.items = []
        session.flush()  # the places of the old items are free then
        data["items"] = [Item(position=n, **item) for n, item in enumerate(data["items"])]
    # After all that asks the database, or a part of the change would be flushed early.
    if "completed" in data and data["completed"] != todo.completed:
        todo.completed_at = now if data["completed"] else None
    for name, value in data.items():
        setattr(todo, name, value)
    todo.updated_at = now


@api.post("/todos", response_model=schemas.TodoOutput, status_code=201)
def create_todo(
    caller: Caller,
    _: Annotated[None, READ[1]],
    body: schemas.TodoInput,
    session: SessionDep,
    response: Response,
) -> Any:
    """Create a todo."""
    now = datetime.now(UTC)
    todo = Todo(owner_id=caller.id, completed=False, created_at=now)
    change(session, todo, body.model_dump(), now)
    session.add(todo)
    session.commit()
    response.headers["Location"] = f"/api/todos/{todo.id}"
    return todo


@api.patch("/todos/{todo_id}", response_model=schemas.TodoOutput)
def update_todo(
    caller: Caller,
    _: Annotated[None, READ[1]],
    todo_id: TodoId,
    body: schemas.TodoPatch,
    session: SessionDep,
) -> Any:
    """Change some of a todo."""
    todo = find_todo(session, caller, todo_id, lock=True)
    change(session, todo, body.model_dump(include=body.model_fields_set), datetime.now(UTC))
    session.commit()
    return todo


@api.get("/products", response_model=schemas.ProductPage, dependencies=READ[:1])
def list_products(
    query: Annotated[schemas.ProductQuery, Query()],
    session: SessionDep,
    request: Request,
    response: Response,
) -> Any:
    """List the catalogue."""
    response.headers.update(contract.PUBLIC)
    products = select(Product)
    if query.category:
        products = products.where(Product.category == query.category)
    if query.currency:
        products = products.where(Product.currency == query.currency)
    if query.active:
        products = products.where(Product.active == (query.active == "true"))
    return fetch_page(session, request, response, products, query)


@api.get("/products/summary", response_model=schemas.Summary, dependencies=READ)
def get_summary(session: SessionDep, response: Response) -> Any:
    """Sum the catalogue up."""
    response.headers.update(contract.PUBLIC)
    cents = cast(func.round(Product.price * 100), BigInteger)
    is_open = (not_(Todo.completed), Todo.product_id.is_not(None))
    todos = select(Todo.product_id, func.count().label("number")).where(*is_open)
    open_todos = todos.group_by(Todo.product_id).subquery()
    rows = session.execute(
        select(
            Product.category,
            Product.currency,
            func.count().label("products"),
            func.sum(Product.stock).label("units"),
            func.min(Product.price).label("lowest_price"),
            func.max(Product.price).label("highest_price"),
            func.sum(cents).label("cents"),
            # In two parts: a price times a stock may need more than 64 bits.
            func.sum(cents // 100_000 * Product.stock).label("high"),
            func.sum(cents % 100_000 * Product.stock).label("low"),
            func.coalesce(func.sum(open_todos.c.number), 0).label("open_todos"),
        )
        .outerjoin(open_todos, open_todos.c.product_id == Product.id)
        .group_by(Product.category, Product.currency)
        .order_by(Product.category, Product.currency)
    )
    return {"items": [figures(row) for row in rows.mappings()]}


def figures(row: Any) -> dict[str, Any]:
    """Turn whole cents into money; the mean is rounded half up."""
    mean = (2 * int(row["cents"]) + row["products"]) // (2 * row["products"])
    value = int(row["high"]) * 100_000 + int(row["low"])
    return {**row, "mean_price": schemas.money(mean), "stock_value": schemas.money(value)}


@api.get("/products/{product_id}", response_model=schemas.ProductOutput, dependencies=READ)
def get_product(product_id: ProductId, session: SessionDep, response: Response) -> Any:
    """Show a product."""
    response.headers.update(contract.PUBLIC)
    product = session.get(Product, product_id)
    if product is None:
        raise ProblemError("not-found")
    return product


def get_staff(caller: Caller) -> User:
    """Make sure that the caller is staff."""
    if not caller.is_staff:
        raise ProblemError("forbidden")
    return caller


@api.post(
    "/products/{product_id}/stock-adjustments",
    response_model=schemas.AdjustmentOutput,
    status_code=201,
)
def adjust_stock(
    staff: Annotated[User, Depends(get_staff)],
    _: Annotated[None, READ[1]],
    product_id: ProductId,
    body: schemas.AdjustmentInput,
    session: SessionDep,
) -> Any:
    """Move a product's stock."""
    product = session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise ProblemError("not-found")
    balance = product.stock + body.delta
    if balance < 0:
        error = contract.pointer_error(["delta"], "insufficient_stock")
        raise ProblemError("insufficient-stock", error)
    now = datetime.now(UTC)
    product.stock, product.updated_at = balance, now
    adjustment = Adjustment(
        **body.model_dump(),
        product_id=product.id,
        balance=balance,
        created_by_id=staff.id,
        created_at=now,
    )
    session.add(adjustment)
    session.commit()
    return adjustment


app.include_router(api)
