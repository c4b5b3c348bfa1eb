"""What is shown and read is what DRF shows and reads, for serializers of any make."""

from collections.abc import Callable
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from drf_api.tuned import fields
from drf_api.tuned.tests.conftest import as_django
from drf_api.tuned.tests.shop import Book, BookSerializer, Chapter, ChapterSerializer, Shelf


def shown(serializer: Any, instance: Any, **options: Any) -> Any:
    """Show an instance, or tell the error."""
    try:
        return serializer(instance, **options).data
    except Exception as error:  # noqa: BLE001 - what it is, is compared
        return repr(error)


def assert_as_drf(serializer: Any, instance: Any, **options: Any) -> Any:
    """Compare with DRF, types and order included; twice, since the second time a plan is used."""
    found = [shown(serializer, instance, **options) for _ in range(2)]
    with as_django():
        expected = shown(serializer, instance, **options)
    assert repr(found) == repr([expected] * 2)
    return expected


@pytest.mark.parametrize("lookups", [(), ("chapters",), ("labels", "chapters")])
def test_models(alias: str, lookups: tuple[str, ...]) -> None:
    books = list(Book.objects.using(alias).prefetch_related(*lookups).select_related("shelf"))
    found = assert_as_drf(BookSerializer, books, many=True)
    assert len(found) == 12
    assert [shown(BookSerializer, book) for book in books] == found


def test_rows(alias: str) -> None:
    class RowSerializer(serializers.Serializer[Any]):
        title = serializers.CharField()
        price = serializers.DecimalField(max_digits=10, decimal_places=2)
        absent = serializers.CharField(required=False)

    assert_as_drf(
        RowSerializer, list(Book.objects.using(alias).values("title", "price")), many=True
    )
    assert_as_drf(RowSerializer, [{"title": "x"}], many=True)
    assert_as_drf(RowSerializer, [SimpleNamespace(title=1, price="2")], many=True)


def test_the_class_plan_needs_no_fields() -> None:
    serializer = ChapterSerializer(Chapter(number=1, heading="x"))
    assert serializer.data == {"number": 1, "heading": "x"}
    assert "fields" not in vars(serializer)


class Base(serializers.Serializer[Any]):
    name = serializers.CharField()
    other = serializers.CharField(default="-")


class Popping(Base):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.context.get("short"):
            self.fields.pop("other")


class PoppingLate(Base):
    def to_representation(self, instance: Any) -> Any:
        if instance["name"] == "short":
            self.fields.pop("other", None)
        return {**super().to_representation(instance), "more": len(self.fields)}


class OwnFields(Base):
    def get_fields(self) -> Any:
        fields = super().get_fields()
        if self.context.get("short"):
            del fields["other"]
        return fields


class OwnReadable(Base):
    @property
    def _readable_fields(self) -> Any:
        return [self.fields["other"]] if self.context.get("short") else [*self.fields.values()]


class Loud(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return f"{super().to_representation(value)}{self.context.get('short')}"


class Elsewhere(serializers.CharField):
    def get_attribute(self, instance: Any) -> Any:
        return f"{instance['name']} {self.parent.context.get('short')}"


class Custom(Base):
    name = Loud()
    other = Elsewhere()


class Outer(serializers.Serializer[Any]):
    inner = Custom(source="*")
    secret = serializers.CharField(write_only=True)
    hidden = serializers.HiddenField(default="x")


class Method(Base):
    other = serializers.SerializerMethodField()

    def get_other(self, instance: Any) -> Any:
        return self.context.get("short")


class Patched(Base):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.context.get("short"):
            self.fields["name"].to_representation = lambda _: "patched"


class Strange(serializers.BaseSerializer[Any]):
    def to_representation(self, instance: Any) -> Any:
        return [instance["name"]]


class Many(serializers.Serializer[Any]):
    entries = Custom(many=True, source="*")

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation([instance, instance])


KINDS = [
    *(Base, Popping, PoppingLate, OwnFields, OwnReadable, Custom, Outer, Method, Patched, Strange),
    Many,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("context", [{}, {"short": True}], ids=str)
def test_what_a_program_overrides(kind: Any, context: Any) -> None:
    rows = [{"name": "a", "other": "b"}, {"name": "short", "other": None}, {"name": "c"}]
    for _ in range(2):
        assert_as_drf(kind, rows, many=True, context=context)
        assert_as_drf(kind, rows[0], context={})


def test_a_declaration_that_changes() -> None:
    class Changing(Base):
        pass

    assert_as_drf(Changing, {"name": "a", "other": "b"})
    Changing._declared_fields["third"] = serializers.ReadOnlyField(source="name")
    assert list(assert_as_drf(Changing, {"name": "a", "other": "b"})) == ["name", "other", "third"]


def test_meta_that_changes() -> None:
    class Changing(ChapterSerializer):
        class Meta(ChapterSerializer.Meta):
            fields = ["number"]

    chapter = Chapter(number=1, heading="x")
    assert_as_drf(Changing, chapter)
    Changing.Meta.fields.append("heading")
    assert assert_as_drf(Changing, chapter) == {"number": 1, "heading": "x"}


class Raising:
    @property
    def name(self) -> str:
        raise Shelf.DoesNotExist

    @property
    def other(self) -> str:
        raise KeyError("x")


def test_attributes_that_raise() -> None:
    assert_as_drf(Base, Raising())

    class Required(serializers.Serializer[Any]):
        other = serializers.CharField()

    assert_as_drf(Required, Raising())
    assert_as_drf(Required, SimpleNamespace(other=lambda: "called"))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.uuids(),
    st.timedeltas(),
    st.just(lambda: "called"),
    st.lists(st.integers(), max_size=2),
)
MAKERS: list[Callable[..., Any]] = [
    serializers.CharField,
    serializers.BooleanField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.UUIDField,
    serializers.DateTimeField,
    serializers.DateField,
    serializers.DurationField,
    serializers.JSONField,
    lambda **options: serializers.DecimalField(max_digits=20, decimal_places=2, **options),
    lambda **options: serializers.ChoiceField([(1, "one"), ("a", "b")], **options),
    lambda **options: serializers.ListField(child=serializers.CharField(), **options),
    serializers.DictField,
    lambda **options: serializers.ReadOnlyField(source=options.get("source")),
    Loud,
    lambda **options: Base(many=True, **options),
]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "source": st.sampled_from(["value", "inner.value", "*"]),
        "write_only": st.booleans(),
        "allow_null": st.booleans(),
        "default": st.sampled_from(["x", 3]),
    },
)


@settings(max_examples=200, deadline=None)
@given(
    declared=st.lists(st.tuples(st.sampled_from(MAKERS), OPTIONS), min_size=1, max_size=4),
    values=st.lists(VALUES, min_size=1, max_size=4),
    is_mapping=st.booleans(),
)
def test_any_serializer(declared: Any, values: Any, is_mapping: bool) -> None:  # noqa: FBT001
    made = {f"field{n}": make(**options) for n, (make, options) in enumerate(declared)}
    kind = type("Any", (serializers.Serializer,), made)
    content = {f"field{n}": value for n, value in enumerate(values)} | {"value": values[0]}
    inner = content if is_mapping else SimpleNamespace(**content)
    instance = (
        {**content, "inner": inner} if is_mapping else SimpleNamespace(**content, inner=inner)
    )
    assert_as_drf(kind, [instance, instance], many=True, context={"short": 1})


def read(serializer: Any, data: Any, **options: Any) -> Any:
    made = serializer(data=data, **options)
    try:
        made.is_valid(raise_exception=True)
    except ValidationError as error:
        return error.get_full_details()
    return dict(made.validated_data)


BODIES: list[Any] = [
    {},
    None,
    [],
    {"number": 1, "heading": "x"},
    {"number": "1", "heading": ""},
    {"number": None, "heading": "x" * 101},
    {"number": 2**70, "heading": 5, "more": 1},
]


@pytest.mark.parametrize("partial", [False, True])
def test_bodies_are_read_as_by_drf(partial: bool) -> None:  # noqa: FBT001 - a parameter
    for body in BODIES:
        found = [read(ChapterSerializer, body, partial=partial) for _ in range(2)]
        with as_django():
            assert found == [read(ChapterSerializer, body, partial=partial)] * 2


def test_each_serializer_has_its_own_fields() -> None:
    one, other = ChapterSerializer(), ChapterSerializer()
    one.fields["heading"].required = False
    one.fields["heading"].validators.clear()
    one.fields["heading"].error_messages["required"] = "changed"
    one.fields["number"].style["x"] = 1
    assert other.fields["heading"].required
    assert other.fields["heading"].validators
    assert other.fields["heading"].error_messages["required"] != "changed"
    assert other.fields["number"].style == {}
    assert one.fields["heading"].parent is one


def test_children_are_each_serializers_own() -> None:
    class Listing(serializers.Serializer[Any]):
        texts = serializers.ListField(child=serializers.CharField(), default=list)
        chapters = ChapterSerializer(many=True)

    one, other = Listing(context={"n": 1}), Listing(context={"n": 2})
    for each in (one, other):
        assert each.fields["texts"].child.context is each.context
        assert each.fields["chapters"].child.fields["number"].context is each.context
    one.fields["texts"].child.allow_null = True
    assert not other.fields["texts"].child.allow_null


class Remembering(serializers.CharField):
    """A field that refers to itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(self.remember)
        self.seen: list[Any] = []

    def remember(self, value: Any) -> None:
        self.seen.append(value)


def test_a_field_that_refers_to_itself_is_made_anew() -> None:
    class Form(serializers.Serializer[Any]):
        text = Remembering()

    one, other = Form(data={"text": "a"}), Form(data={"text": "b"})
    assert one.is_valid()
    assert other.is_valid()
    assert (one.fields["text"].seen, other.fields["text"].seen) == (["a"], ["b"])


FLAGS = {"is_short": False}


def flag() -> bool:
    return FLAGS["is_short"]


class Static(ChapterSerializer):
    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        return kind, {**options, "help_text": "static"}


class ByContext(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return {"heading": {"help_text": self.context.get("help", "none")}}


class ByGlobal(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return {"heading": {"help_text": "short" if flag() else "long"}}


class ByHelper(ByGlobal):
    def get_extra_kwargs(self) -> Any:
        return self.helped()

    def helped(self) -> Any:
        return super().get_extra_kwargs()


@pytest.mark.parametrize(
    ("kind", "is_shared"),
    [(Static, True), (ByContext, False), (ByGlobal, False), (ByHelper, False)],
)
def test_a_method_that_takes_part_in_building(kind: Any, is_shared: bool) -> None:  # noqa: FBT001
    found = fields.blueprints(kind(), fields.build_of_model)
    assert (found is not None) == is_shared
    for help_text in ("a", "b"):
        FLAGS["is_short"] = help_text == "b"
        made = repr(kind(context={"help": help_text}).fields)
        with as_django():
            assert made == repr(kind(context={"help": help_text}).fields)
    FLAGS["is_short"] = False


def test_choices_of_a_function_are_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Book._meta.get_field("title"), "choices", lambda: [("a", "b")])
    fields.is_static.cache_clear()
    try:
        assert not fields.is_static(BookSerializer)
    finally:
        fields.is_static.cache_clear()


def test_limited_choices_are_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    relation = Book._meta.get_field("shelf").remote_field
    monkeypatch.setattr(relation, "limit_choices_to", lambda: {"is_open": True})
    fields.is_static.cache_clear()
    try:
        assert not fields.is_static(BookSerializer)
    finally:
        fields.is_static.cache_clear()


def test_classes_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may make a class for each request; DRF itself does for `depth`."""
    monkeypatch.setattr(fields, "MOST", 10)
    for _ in range(30):
        kind = type("Made", (Base,), {"__module__": __name__})
        assert kind({"name": "a", "other": "b"}).data == {"name": "a", "other": "b"}
    assert len(fields.kept) <= 10


def test_a_serializer_without_a_model_is_refused_by_drf() -> None:
    kind = type("Incomplete", (serializers.ModelSerializer,), {"__module__": __name__})
    assert 'missing "Meta" attribute' in assert_as_drf(kind, {"name": "a"})
