"""What is shown and read is what DRF shows and reads, for serializers of any make."""

import gc
import inspect
import re
import sys
import weakref
from collections.abc import Callable
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
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
IS_SHORT = False


class ByContext(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return {"heading": {"help_text": self.context.get("help", "none")}}


class ByGlobal(ChapterSerializer):
    def get_field_names(self, *given: Any) -> Any:
        return ["number"] if IS_SHORT else super().get_field_names(*given)


class ByHelper(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return self.helped()

    def helped(self) -> Any:
        return {"heading": {"help_text": str(FLAGS["is_short"])}}


class ByInstance(ChapterSerializer):
    """The heading is written once."""

    def get_extra_kwargs(self) -> Any:
        return {"heading": {"read_only": self.instance is not None}}


class ByInstanceCarefully(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return {"heading": {"read_only": getattr(self, "instance", None) is not None}}


class ByData(ChapterSerializer):
    def get_extra_kwargs(self) -> Any:
        return {"heading": {"read_only": hasattr(self, "initial_data")}}


class ByStaff(ChapterSerializer):
    """Some fields are shown to some only; who it is may be unknown."""

    def get_field_names(self, *given: Any) -> Any:
        try:
            staff = self.context["help"] == "b"
        except Exception:  # noqa: BLE001 - as a program may do
            staff = False
        return ["number", "heading"] if staff else ["number"]


class ByProperty(ChapterSerializer):
    @property
    def serializer_field_mapping(self) -> Any:
        field = serializers.CharField if self.context.get("help") == "b" else Loud
        return {**ChapterSerializer.serializer_field_mapping, models.CharField: field}


class ByInit(ChapterSerializer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.context.get("help") == "b":
            self.Meta = type("Meta", (ChapterSerializer.Meta,), {"fields": ["heading"]})


class FieldOfFlag(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "read_only": FLAGS["is_short"]})


class WithField(ChapterSerializer):
    heading = FieldOfFlag()


class Choices:
    def __iter__(self) -> Any:
        yield from ["x", "y"] if FLAGS["is_short"] else ["x"]


class WithChoices(ChapterSerializer):
    heading = serializers.ChoiceField(Choices())  # type: ignore[arg-type] # DRF takes it


DIFFERING = [
    *(ByContext, ByGlobal, ByHelper, ByInstance, ByInstanceCarefully, ByData, ByStaff, ByProperty),
    *(ByInit, WithField, WithChoices),
]


@pytest.mark.parametrize("kind", DIFFERING, ids=lambda kind: kind.__name__)
def test_fields_that_differ(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chapter = Chapter(number=1, heading="x")

    for help_text in ("a", "b", "a"):
        monkeypatch.setitem(FLAGS, "is_short", help_text == "b")
        monkeypatch.setattr(sys.modules[__name__], "IS_SHORT", help_text == "b")
        for options in (
            {},
            {"context": {"help": help_text}},
            {"data": {}, "context": {"help": help_text}},
        ):
            found = [repr(kind(chapter).fields), repr(kind(**options).fields)]
            shown_as = kind(chapter, context={"help": help_text}).data
            with as_django():
                assert found == [repr(kind(chapter).fields), repr(kind(**options).fields)]
                assert shown_as == kind(chapter, context={"help": help_text}).data


def test_each_method_that_builds_is_known() -> None:
    """The names are all that DRF's `get_fields` leads to."""
    model_serializer: Any = serializers.ModelSerializer
    todo, seen = ["get_fields"], set[str]()
    with as_django():
        while todo:
            seen.add(name := todo.pop())
            method = getattr(model_serializer, name, None)
            if inspect.isfunction(method):
                todo += {*re.findall(r"self\.(\w+)", inspect.getsource(method))} - seen
    own = {"get_fields", "fields", "__class__"}  # the last two for messages only
    assert seen - own == {*fields.METHODS, *fields.ATTRIBUTES} - {"__getattribute__"}


class Price(serializers.CharField):
    """Hidden from some; who it is may be unknown."""

    def to_representation(self, value: Any) -> str:
        try:
            staff = self.context["is_staff"]
        except Exception:  # noqa: BLE001 - as a program may do
            staff = True
        return str(value) if staff else "hidden"


class Priced(serializers.Serializer[Any]):
    price = Price()


class Nesting(serializers.Serializer[Any]):
    inner = Priced(source="*")


@pytest.mark.parametrize("kind", [Priced, Nesting], ids=lambda kind: kind.__name__)
def test_a_field_that_asks_who_it_is(kind: Any) -> None:
    for context in ({"is_staff": False}, {"is_staff": True}, {}):
        assert_as_drf(kind, {"price": 5}, context=context)


class WriteOnlyAtTimes(Base):
    def to_representation(self, instance: Any) -> Any:
        self.fields["other"].write_only = instance["name"] == "short"
        return super().to_representation(instance)


def test_a_field_hidden_for_some_instances() -> None:
    rows = [{"name": name, "other": "x"} for name in ("short", "a", "short")]
    assert_as_drf(WriteOnlyAtTimes, rows, many=True)


def test_a_queryset_of_a_field_is_read_anew(alias: str) -> None:
    class Form(serializers.Serializer[Any]):
        shelf = serializers.PrimaryKeyRelatedField(queryset=Shelf.objects.using(alias).all())

    before = len(Form().fields["shelf"].queryset)
    shelf = Shelf.objects.using(alias).create(id=99, name="late")
    assert len(Form().fields["shelf"].queryset) == before + 1
    shelf.delete()


def test_choices_of_a_function_are_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fields.is_static(BookSerializer)
    monkeypatch.setattr(Book._meta.get_field("title"), "choices", lambda: [("a", "b")])
    assert not fields.is_static(BookSerializer)


def test_limited_choices_are_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    relation = Book._meta.get_field("shelf").remote_field
    monkeypatch.setattr(relation, "limit_choices_to", lambda: {"is_open": True})
    assert not fields.is_static(BookSerializer)


def test_classes_of_a_request_are_let_go() -> None:
    """A program may make a class for each request; DRF itself does for `depth`."""

    def show() -> Any:
        kind = type("Made", (ChapterSerializer,), {"__module__": __name__})
        assert kind(Chapter(number=1, heading="x")).data == {"number": 1, "heading": "x"}
        return weakref.ref(kind)

    kinds = [show() for _ in range(5)]
    gc.collect()
    assert [kind() for kind in kinds] == [None] * 5


def test_a_serializer_without_a_model_is_refused_by_drf() -> None:
    kind = type("Incomplete", (serializers.ModelSerializer,), {"__module__": __name__})
    assert 'missing "Meta" attribute' in assert_as_drf(kind, {"name": "a"})
