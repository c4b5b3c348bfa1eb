"""The tuned `dump` returns what marshmallow's own returns, for whatever a schema declares."""

import copy
import datetime as dt
import pickle
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, missing, post_dump, pre_dump
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, column_property, mapped_column

from flask_api.tuned import serializing


class Size(IntEnum):
    small = 1
    large = 2


class Colour(StrEnum):
    red = "r"


class Shape(Enum):
    round = (1, "x")


class Shouted(fields.String):
    """Overrides what is asked for a value."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return f"{attr}:{value}!" if value != "absent" else missing


class Counted(fields.Integer):
    """Overrides how a value is found."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = missing) -> Any:
        return len(vars(obj)) if hasattr(obj, "__dict__") else default


class Whole(fields.Field[Any]):
    """Overrides everything."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **_: Any) -> Any:
        return [attr, type(obj).__name__, accessor(obj, "a", "none")]


class Doubled(fields.Integer):
    """Overrides a part of what Number does."""

    def _format_num(self, value: Any) -> int:
        return int(value) * 2


class Inner(Schema):
    a = fields.String()
    b = fields.Integer(data_key="B")


class Hooked(Inner):
    @pre_dump
    def before(self, data: Any, **_: Any) -> Any:
        return data or {"a": "nothing"}

    @post_dump(pass_original=True)
    def after(self, data: Any, original: Any, **_: Any) -> Any:
        return {**data, "original": repr(original)}


class Prefixed(Inner):
    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return f"got {super().get_attribute(obj, attr, default)}"


class Ordered(Inner):
    dict_class = OrderedDict


class Dumped(Inner):
    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return {"dumped": super().dump(obj, many=many)}


class Own(Inner):
    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        return {"own": super()._serialize(obj, many=many)}


NESTED = [Inner, Hooked, Prefixed, Ordered, Dumped, Own]
NAMES = ["a", "b", "c", "class", "x-y", "a.b", "items", "ﬁ"]
MOMENT = dt.datetime(2026, 3, 1, 12, 30, 15, 99, dt.UTC)


def options() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "attribute": st.sampled_from(NAMES),
            "data_key": st.sampled_from(["", "k1", "k2", "k3"]),
            "dump_default": st.sampled_from([None, 7, "d", lambda: "called", dict, missing]),
            "load_only": st.booleans(),
        },
    )


def built(make: Callable[..., Any], *args: Any, **more: Any) -> st.SearchStrategy[Any]:
    return options().map(lambda found: make(*args, **more, **found))


SIMPLE = st.one_of(
    *[
        built(each)
        for each in (
            fields.Raw,
            fields.String,
            fields.UUID,
            fields.Integer,
            fields.Float,
            fields.Boolean,
            fields.Decimal,
            fields.DateTime,
            fields.AwareDateTime,
            fields.Date,
            fields.Time,
            fields.Url,
            fields.Email,
            fields.Dict,
            fields.TimeDelta,
            fields.IP,
            Shouted,
            Counted,
            Whole,
            Doubled,
        )
    ],
    built(fields.Integer, as_string=True),
    built(fields.Decimal, places=2, as_string=True),
    built(fields.DateTime, format="rfc"),
    built(fields.DateTime, format="timestamp"),
    built(fields.DateTime, format="%Y"),
    built(fields.Enum, Size),
    built(fields.Enum, Colour),
    built(fields.Enum, Size, by_value=True),
    built(fields.Enum, Colour, by_value=fields.String),
    built(fields.Constant, "constant"),
    built(fields.Function, lambda obj: type(obj).__name__),
    built(fields.Dict, keys=fields.String(), values=fields.Integer()),
    built(fields.Tuple, (fields.String(), fields.Integer())),
)
NESTING = st.one_of(
    st.builds(
        lambda schema, many, names, found: fields.Nested(schema, many=many, **names, **found),
        st.sampled_from([*NESTED, Inner(many=True), lambda: Inner(only=("a",))]),
        st.sampled_from([True, False, None]),
        st.sampled_from([{}, {"only": ("a",)}, {"exclude": ("b",)}]),
        options(),
    ),
    built(fields.Pluck, Inner, "a"),
    built(fields.Pluck, Inner, "b", many=True),
)
FIELDS = st.recursive(SIMPLE | NESTING, lambda inner: st.builds(fields.List, inner))
FIELDS |= built(fields.Method, "method")
SCALARS = st.sampled_from(
    [
        *(None, missing, "text", b"bytes", 3, 2.5, True, Decimal("1.20"), UUID(int=5), MOMENT),
        *(MOMENT.date(), MOMENT.time(), Size.small, Colour.red, Shape.round, "absent", "7"),
    ]
)
Pair = namedtuple("Pair", ["a", "b"])  # noqa: PYI024 – any class will do
SUBJECTS = st.deferred(
    lambda: (
        st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
        | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).map(
            lambda values: SimpleNamespace(**values)
        )
        | st.builds(Pair, SCALARS, SCALARS)
    )
)
VALUES: st.SearchStrategy[Any] = SCALARS | SUBJECTS | st.lists(SCALARS | SUBJECTS, max_size=3)


@pytest.fixture(autouse=True, scope="module")
def own_serialize() -> Iterator[None]:
    before = Schema._serialize
    yield
    Schema._serialize = before  # type: ignore[method-assign]


def outcome(serialize: Any, schema: Schema, obj: Any, *, many: bool | None) -> str:
    """Dump by one way or the other; results are compared by how they are written, types and all."""
    Schema._serialize = serialize  # type: ignore[method-assign]
    try:
        return repr(schema.dump(obj, many=many))
    except Exception as error:  # noqa: BLE001 – whatever marshmallow raises
        return repr(error)


def check(schema: Schema, *objects: Any, many: bool | None = None) -> None:
    """Compare both ways, more than once: what a first dump looks up is compiled for the next."""
    for obj in (*objects, *objects, *objects):
        expected = outcome(serializing.library_serialize, schema, obj, many=many)
        assert outcome(serializing.serialize, schema, obj, many=many) == expected


@settings(deadline=None)  # no test asserts a time that a busy machine can break
@given(st.dictionaries(st.sampled_from(NAMES), FIELDS, max_size=5), st.lists(SUBJECTS, max_size=3))
def test_random_schemas(declared: dict[str, Any], objects: list[Any]) -> None:
    class Random(Schema):
        def method(self, obj: Any) -> Any:
            return repr(obj)

    try:
        schema = Random.from_dict(declared)()
    except ValueError:  # two fields of one data_key
        return
    check(schema, *objects)
    check(schema, objects, many=True)


@pytest.mark.parametrize("schema", NESTED)
def test_what_a_class_overrides(schema: type[Schema]) -> None:
    class Outer(Schema):
        one = fields.Nested(schema)
        many = fields.List(fields.Nested(schema))
        keyed = fields.Dict(values=fields.Nested(schema))

    parts = [{"a": "x", "b": 1}, SimpleNamespace(a="y"), {}]
    check(schema(), *parts)
    check(Outer(), {"one": parts[0], "many": parts, "keyed": {"k": parts[0]}}, {"one": None}, {})
    check(Outer(only=("many.a",)), {"many": parts})
    check(Outer(exclude=("one", "many.b")), {"one": 1, "many": parts})


def test_a_method_of_one_instance() -> None:
    schema = Inner()
    schema.fields["a"]._serialize = lambda value, *_, **__: f"<{value}>"  # type: ignore[method-assign]
    check(schema, {"a": "x"})
    schema.get_attribute = lambda *_: "always"  # type: ignore[method-assign]
    check(schema, {"a": "x"})


class Tree(Schema):
    name = fields.String()
    left = fields.Nested(lambda: Tree)
    others = fields.List(fields.Nested("Tree", exclude=("left",)))


def test_nested_in_itself() -> None:
    leaf: dict[str, Any] = {"name": "leaf", "left": None, "others": []}
    branch = {"name": "branch", "left": leaf, "others": [leaf, leaf]}
    check(Tree(), {"name": "root", "left": branch, "others": [branch]}, leaf)


def test_changes_after_the_first_dump() -> None:
    class Outer(Schema):
        name = fields.String(data_key="n")
        inner = fields.Nested(Inner)
        each = fields.List(fields.String())

    obj = {"name": 1, "title": "t", "inner": {"a": 1, "b": 2}, "each": ["x"], "size": 3}
    schema = Outer()
    check(schema, obj)
    schema.fields["name"].data_key = "N"
    check(schema, obj)
    schema.fields["name"].attribute = "title"
    check(schema, obj)
    schema.fields["name"].dump_default = "default"
    check(schema, {})
    schema.dump_fields["size"] = fields.Integer()
    check(schema, obj)
    del schema.dump_fields["name"]
    check(schema, obj)
    nested: Any = schema.fields["inner"]
    nested.schema.fields["a"].data_key = "A"
    check(schema, obj)
    nested.many = True
    check(schema, {"inner": [{"a": 1}]})
    listed: Any = schema.fields["each"]
    listed.inner = fields.Integer()
    check(schema, {"each": ["4"]})
    schema.only = {"each"}
    schema._init_fields()
    check(schema, obj)


def test_copies_have_plans_of_their_own() -> None:
    schema = Inner()
    check(schema, {"a": 1})
    check(copy.deepcopy(schema), {"a": 1})
    check(pickle.loads(pickle.dumps(schema)), {"a": 1})  # noqa: S301 – our own
    shallow = copy.copy(schema)
    shallow.only = {"b"}
    shallow._init_fields()
    check(shallow, {"a": 1, "b": 2})
    check(schema, {"a": 1, "b": 2})


class Strange:
    """Answers each question in its own way."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __getitem__(self, key: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def a(self) -> str:
        return "attribute"


class Eager:
    def __getattr__(self, name: str) -> str:
        return f"asked for {name}"


class Slotted:
    __slots__ = ("a",)


def test_objects_of_any_class() -> None:
    errors = (KeyError(), IndexError(), TypeError(), AttributeError(), ValueError())
    strange = [Strange(answer) for answer in ("item", None, missing, *errors)]
    check(Inner(), *strange, Eager(), Slotted(), None, 3, "text", ["a"], Pair("x", 2), Inner)


def test_more_classes_than_are_kept() -> None:
    schema = Inner()
    made = [type(f"Class{number}", (), {"a": number})() for number in range(150)]
    check(schema, made, many=True)
    assert len(vars(schema)[serializing.PLAN].by_class) == serializing.MAX_CLASSES


class Base(DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "things"

    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[str | None]
    b: Mapped[int] = mapped_column(deferred=True)
    twice = column_property(b * 2)

    @property
    def c(self) -> str:
        return f"{self.a}!"


class ThingSchema(Schema):
    id = fields.Integer()
    a = fields.String()
    b = fields.Integer()
    c = fields.String()
    twice = fields.Integer()


def test_entities_of_sqlalchemy() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Thing(a="x", b=4))
        session.commit()
        thing = session.get_one(Thing, 1)
        check(ThingSchema(), thing, Thing(), Thing(a="new"))
        session.expire(thing)
        assert outcome(serializing.serialize, ThingSchema(), thing, many=False) == repr(
            {"id": 1, "a": "x", "b": 4, "c": "x!", "twice": 8}
        )
        session.expire(thing)
        session.expunge(thing)
        check(ThingSchema(), thing)  # raises DetachedInstanceError
    engine.dispose()


def test_validation_still_works() -> None:
    Schema._serialize = serializing.serialize  # type: ignore[method-assign]
    with pytest.raises(ValidationError):
        Inner().load({"B": "x"})


def test_many_threads() -> None:
    class Outer(Schema):
        id = fields.UUID()
        inner = fields.Nested(Inner)

    schema = Outer()
    objects: list[dict[str, Any]] = [
        {"id": uuid4(), "inner": {"a": number}} for number in range(200)
    ]
    expected = [{"id": str(it["id"]), "inner": {"a": str(it["inner"]["a"])}} for it in objects]
    Schema._serialize = serializing.serialize  # type: ignore[method-assign]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(schema.dump, objects)) == expected


def test_a_plan_is_whole_when_another_thread_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = Inner()
    found: list[Any] = []

    def set_and_dump(plan: Any, name: str, value: Any) -> None:
        if not found:  # as another thread might at this moment
            found.append(None)
            found[0] = serializing.serialize(schema, {"a": 1})
        object.__setattr__(plan, name, value)

    monkeypatch.setattr(serializing.DumpPlan, "__setattr__", set_and_dump)
    assert serializing.serialize(schema, {"a": 2}) == {"a": "2"}
    assert found == [{"a": "1"}]
    assert serializing.plan_of(schema) is vars(schema)[serializing.PLAN]
