"""Schema.dump by functions compiled from the declared fields.

marshmallow makes four calls for each value. Here a schema has one function for each class of
objects that it meets, in which fields of known classes are expressions. Anything else is asked in
marshmallow's own way: a field that overrides `_serialize`, `serialize` or `get_value` by that
method, a schema that overrides `get_attribute` as a whole. Hooks run as ever, since `dump` does.
"""

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from marshmallow import Schema, fields, missing, utils
from sqlalchemy.orm import InstrumentedAttribute

Dump = Callable[[Any], Any]

PLAN = "_tuned_plan"
MAX_CLASSES = 100  # a class may be made with each request, and would then be kept for ever

# What `dump` and `Nested` call between the hooks; private, as dump itself has no place to hook in.
library_serialize = Schema._serialize


class DumpPlan:
    """How one schema is dumped, for as long as neither it nor a field of it changes."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.by_class: dict[type, Dump] = {}
        self.nested: list[DumpPlan] = []
        self.watched: list[tuple[Any, Any]] = []
        self.watch(schema.dump_fields, *map(vars, schema.dump_fields.values()))
        self.watched.append((vars(schema), {**vars(schema), PLAN: self}))
        vars(schema)[PLAN] = self  # last: another thread may take it at once

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # copies and pickles of a schema make plans of their own

    def watch(self, *namespaces: Any) -> None:
        """Note what the compiled functions rely on."""
        self.watched += [(namespace, dict(namespace)) for namespace in namespaces]

    def holds(self) -> bool:
        """Tell whether all is as it was; a Nested that has found its schema counts as a change."""
        try:
            unchanged = all(namespace == before for namespace, before in self.watched)
        except Exception:  # noqa: BLE001 – values of any class are compared
            return False
        return unchanged and all(plan.holds() for plan in self.nested)

    def dump(self, obj: Any) -> Any:
        """Dump one object."""
        return (self.by_class.get(type(obj)) or self.compiled(type(obj)))(obj)

    def compiled(self, cls: type) -> Dump:
        """Make the function for the objects of a class."""
        if inherits(self.schema, "get_attribute", Schema):
            function = Function(self, cls)
            for name, field in self.schema.dump_fields.items():
                function.add(name, field)
            dump = function.compiled()
        else:
            dump = lambda obj: library_serialize(self.schema, obj)  # noqa: E731
        if len(self.by_class) < MAX_CLASSES:
            self.by_class[cls] = dump
        return dump


def plan_of(schema: Schema) -> DumpPlan:
    """Find the plan of a schema, or make one; a copied schema brings along its original's."""
    plan: DumpPlan | None = vars(schema).get(PLAN)
    if plan is None or plan.schema is not schema or not plan.holds():
        return DumpPlan(schema)
    return plan


def inherits(instance: Any, name: str, owner: type) -> bool:
    """Tell whether neither an instance nor its class replaces a method of the library."""
    return name not in vars(instance) and getattr(type(instance), name) is getattr(owner, name)


class Function:
    """The source of a function that dumps the objects of one class by one schema."""

    def __init__(self, plan: DumpPlan, cls: Any) -> None:
        self.plan, self.cls = plan, cls
        self.names: dict[str, Any] = {
            "missing": missing,
            "get_value": utils.get_value,
            "text": utils.ensure_text_type,
            "new": plan.schema.dict_class,
            "accessor": plan.schema.get_attribute,
        }
        self.lines: list[str] = []
        # A tuple has attributes only: it raises TypeError when asked for an item by a name.
        getitem = getattr(cls, "__getitem__", None)
        self.has_items = getitem not in {None, tuple.__getitem__}

    def compiled(self) -> Dump:
        """Compile the source, which is made of names and reprs only."""
        has_values = any("in values" in line for line in self.lines)
        values = [" values = obj.__dict__"] if has_values else []
        lines = ["def dump(obj):", " ret = new()", *values, *self.lines, " return ret"]
        exec("\n".join(lines), self.names)  # noqa: S102
        dump: Dump = self.names["dump"]
        return dump

    def name(self, value: Any) -> str:
        """Let the source use an object."""
        name = f"object_{len(self.names)}"
        self.names[name] = value
        return name

    def add(self, name: str, field: Any) -> None:
        """Add what Field.serialize and Schema._serialize do for a field."""
        key = name if field.data_key is None else field.data_key
        plain = all(inherits(field, each, fields.Field) for each in ("serialize", "get_value"))
        if plain and field._CHECK_ATTRIBUTE:
            self.lines += self.reading(name if field.attribute is None else field.attribute)
            if field.dump_default is not missing:
                default = self.name(field.dump_default) + "()" * callable(field.dump_default)
                self.lines.append(f" if v is missing: v = {default}")
            self.lines += [" if v is not missing:", f"  v = {self.expression('v', field, name)}"]
        else:
            self.lines.append(f" v = {self.name(field.serialize)}({name!r}, obj, accessor)")
        self.lines.append(f" if v is not missing: ret[{key!r}] = v")

    def reading(self, key: str) -> list[str]:
        """Read a value as marshmallow.utils.get_value does."""
        if not key.isidentifier() or not key.isascii() or iskeyword(key):
            return [f" v = get_value(obj, {key!r}, missing)"]
        if self.has_items:
            errors = "(KeyError, IndexError, TypeError, AttributeError)"
            attribute = f"getattr(obj, {key!r}, missing)"
            return [f" try: v = obj[{key!r}]", f" except {errors}: v = {attribute}"]
        value = f"obj.{key}"
        if self.is_in_values(key):
            value = f"values[{key!r}] if {key!r} in values else {value}"
        return [f" try: v = {value}", " except AttributeError: v = missing"]

    def is_in_values(self, key: str) -> bool:
        """Tell whether an attribute is SQLAlchemy's, which itself looks into `__dict__` first."""
        found = next((vars(cls)[key] for cls in self.cls.__mro__ if key in vars(cls)), None)
        return (
            type(found) is InstrumentedAttribute
            and found.impl.supports_population
            and self.cls.__getattribute__ is object.__getattribute__
        )

    def expression(self, v: str, field: Any, attr: str) -> str:
        """Write what a field's `_serialize` returns for the value of a variable."""
        method: Any = None if "_serialize" in vars(field) else type(field)._serialize
        if method is fields.Field._serialize:
            return v
        known = self.scalar(v, field, method) or self.composed(v, field, method, attr)
        if known is None:
            return f"{self.name(field._serialize)}({v}, {attr!r}, obj)"
        return f"None if {v} is None else {known}"

    def scalar(self, v: str, field: Any, method: Any) -> str | None:
        """Write what marshmallow's own method makes of one value."""
        if method is fields.String._serialize:
            return f"{v} if {v}.__class__ is str else text({v})"
        if method is fields.UUID._serialize:
            return f"str({v})"
        if method is fields.Number._serialize and not field.as_string:
            if inherits(field, "_format_num", fields.Number):
                number = self.name(field.num_type)
                return f"{v} if {v}.__class__ is {number} else {number}({v})"
        elif method is fields.DateTime._serialize:
            form = field.SERIALIZATION_FUNCS.get(field.format or field.DEFAULT_FORMAT)
            return form and f"{self.name(form)}({v})"
        elif method is fields.Enum._serialize:
            self.plan.watch(vars(field.field))
            if not field.by_value and inherits(field.field, "_serialize", fields.String):
                return f"text({v}.name)"
        return None

    def composed(self, v: str, field: Any, method: Any, attr: str) -> str | None:
        """Write what marshmallow's own method makes of several values."""
        if method is fields.List._serialize:
            self.plan.watch(vars(field.inner))
            return f"[{self.expression(f'{v}i', field.inner, attr)} for {v}i in {v}]"
        if method is fields.Nested._serialize:
            return self.nested(v, field)
        return None

    def nested(self, v: str, field: Any) -> str | None:
        """Dump by the plan of a nested schema, if its own dump would do no more."""
        schema = field._schema  # None until the first dump has looked it up
        if schema is None or type(schema)._serialize is not Schema._serialize:
            return None
        hooks = schema._hooks["pre_dump"] or schema._hooks["post_dump"]
        if hooks or not inherits(schema, "dump", Schema):
            return None
        plan = plan_of(schema)
        self.plan.nested.append(plan)
        dump = self.name(plan.dump)
        return f"[{dump}({v}i) for {v}i in {v}]" if schema.many or field.many else f"{dump}({v})"


def serialize(self: Schema, obj: Any, *, many: bool = False) -> Any:
    """Serialize as Schema._serialize does, whose place this takes."""
    plan = plan_of(self)
    if many and obj is not None:
        return [plan.dump(each) for each in obj]
    return plan.dump(obj)
