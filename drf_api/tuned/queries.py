"""A cache of compiled SQL: SQLAlchemy has one, Django compiles each query anew.

When a SELECT is about to run, its query is walked. The walk yields a key, which is the query's
structure, and the values, prepared by Django's own lookups. If the key is known, text, columns and
converters are used again, and only the values are new. At whatever the walk doesn't know, Django
compiles.

A plan is made from a copy of the query that has numbered slots in place of values; its text must be
the one that Django compiles for the first request.
"""

import copy
from collections.abc import Iterable
from operator import attrgetter
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import Field, aggregates, expressions, functions, lookups
from django.db.models.expressions import Col, F, Value
from django.db.models.fields import related, related_lookups, reverse_related
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from drf_api.contract.database import IContains
from drf_api.tuned.replacement import Replacement

# Other backends, and compilers of other statements, may do anything.
COMPILERS = {"django.db.models.sql.compiler", "django.db.backends.postgresql.compiler"}

# Each length of an `IN` list is a plan of its own: long ones take memory and gain little.
MOST_PLANS, MOST_VALUES = 500, 200


class Plans:
    """The latest plans to be used; `None` stands for a query that is not to be tried again."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: dict[Any, Plan | None] = {}

    def get(self, key: Any) -> "Plan | None":
        """Return a plan; raise `KeyError` if there is none."""
        with self.lock:
            plan = self.kept[key] = self.kept.pop(key)
        return plan

    def add(self, key: Any, plan: "Plan | None") -> None:
        """Keep a plan, in place of that which hasn't been used for the longest time."""
        with self.lock:
            self.kept[key] = plan
            if len(self.kept) > MOST_PLANS:
                del self.kept[next(iter(self.kept))]


plans = Plans()


class UnknownError(Exception):
    """Django has to compile this query."""


def named_in(text: str) -> set[str]:
    """Return the words of a text; as a list they would take a line each."""
    return set(text.split())


def named(module: Any, names: str) -> set[Any]:
    """Return what a module has under these names."""
    return {getattr(module, name) for name in named_in(names)}


# Exact classes: a subclass may override anything.
LOOKUPS = (
    named(
        lookups,
        "Exact IExact GreaterThan GreaterThanOrEqual LessThan LessThanOrEqual In Range IsNull "
        "Contains IContains StartsWith IStartsWith EndsWith IEndsWith IntegerFieldExact "
        "IntegerGreaterThan IntegerGreaterThanOrEqual IntegerLessThan IntegerLessThanOrEqual",
    )
    | named(
        related_lookups, "RelatedExact RelatedIn RelatedIsNull RelatedGreaterThan RelatedLessThan"
    )
    | {IContains}
)  # whose text depends on nothing but the texts of its sides
EXPRESSIONS = (
    LOOKUPS
    | {Col, F, Value, Query, WhereNode, BaseTable, Join}
    | named(aggregates, "Count Sum Avg Min Max")
    | named(functions, "Cast Coalesce NullIf Lower Upper Length Concat ConcatPair Now")
    | named(
        expressions,
        "CombinedExpression ExpressionWrapper NegatedExpression OrderBy Ref Star Case When Exists "
        "Subquery",
    )
)
SIMPLE = {str, int, float, bool, type(None)}
# Generic relations, in joins, have a content type's primary key in the text.
BOUND = named(related, "ForeignKey OneToOneField") | named(
    reverse_related, "ManyToOneRel OneToOneRel"
)
# Made of other attributes, or about how a query is refined; LIMIT is looked at by itself.
DERIVED = named_in(
    "identity _constructor_args contains_aggregate contains_over_clause contains_subquery "
    "allowed_default contains_column_references _output_field_or_none convert_value "
    "constraint_validation_compatible used_aliases filter_is_sticky _lookup_joins subq_aliases "
    "resolved low_mark high_mark"
) | (CACHED := named_in("_annotation_select_cache _extra_select_cache base_table"))
# What a query may differ in and is hashable, so that it's looked at in one go.
TRAITS = named_in(
    "model alias_cols default_cols default_ordering standard_ordering subquery distinct "
    "distinct_fields select_for_update select_for_update_nowait select_for_update_skip_locked "
    "select_for_update_of select_for_no_key_update max_depth values_select alias_prefix "
    "extra_tables extra_order_by combinator_all combined_queries"
)
traits_of = attrgetter(*sorted(TRAITS))
NOT_VISITED = DERIVED | TRAITS | {"join_cols"}


class Walk:
    """Collects the structure of a query in `key`, and its prepared values in `values`."""

    def __init__(self, compiler: Any) -> None:
        self.compiler, self.connection = compiler, compiler.connection
        self.key: list[Any] = [
            *(type(self.connection), self.connection.alias, id(self.connection.settings_dict)),
            compiler.elide_empty,
        ]
        self.values: list[Any] = []
        # By the id of a node that holds values: their text, and where they start and end.
        self.slots: dict[int, tuple[Any, int, int]] = {}
        self.seen: dict[int, int] = {}
        query = compiler.query
        # The outermost LIMIT is appended to the text: all pages share a plan.
        self.appends_limits = not query.select_for_update
        self.key.append(query.is_sliced)
        self.visit(query)
        # A repeated ORDER BY or GROUP BY is left out if its text *and values* are equal.
        first: dict[Any, int] = {}
        self.key += [first.setdefault((type(v), v), i) for i, v in enumerate(self.values)]

    def visit(self, value: Any) -> None:  # noqa: C901 - a case for each kind
        """Note a part of a query."""
        kind: Any = type(value)
        if kind in SIMPLE:
            self.key += (kind, value)
        elif kind is Col:
            field = vars(value).get("output_field")
            self.key += (kind, value.alias, id(value.target), id(field))
        elif kind in EXPRESSIONS:
            self.node(value)
        elif kind is list or kind is tuple:
            self.key += (kind, len(value))
            for each in value:
                self.visit(each)
        elif kind is dict:
            self.key += (kind, len(value))
            for name, each in value.items():
                self.key.append(name)
                self.visit(each)
        elif kind is set or kind is frozenset:
            self.key.append(frozenset(value))
        elif isinstance(value, Field) and getattr(value, "model", None) is None:
            if kind.__module__ != Field.__module__:
                raise UnknownError(kind)
            names = ("max_length", "db_collation", "max_digits", "decimal_places")
            self.key += (kind, *map(vars(value).get, names))
        elif isinstance(value, (type, Field)) or kind in BOUND:
            self.key.append(id(value))  # there once, as long as its model
        else:
            raise UnknownError(kind)

    def node(self, node: Any) -> None:  # noqa: C901, PLR0912 - as above
        """Note an expression, a lookup, a condition, a join or a query."""
        if id(node) in self.seen:  # such as an annotation that is used twice
            self.key.append(self.seen[id(node)])
            return
        self.seen[id(node)] = len(self.seen)
        kind = type(node)
        left_out = None
        self.key.append(kind)
        if kind is Value:
            left_out = "value"
            self.key.append(type(node.value))
            self.add_values(node, *self.compiler.compile(node))
        elif isinstance(node, lookups.Lookup) and not hasattr(node.rhs, "as_sql"):
            if node.bilateral_transforms or type(node.lhs) is expressions.ColPairs:
                raise UnknownError(kind)
            if type(node.rhs) is not bool:  # which decides between `col` and `NOT col`
                left_out = "rhs"
                if type(node.rhs) is list and self.connection.ops.max_in_list_size():
                    raise UnknownError("split IN list")
                self.add_values(node, *node.process_rhs(self.compiler, self.connection))
        elif kind is Query:
            self.refuse(node)
            self.key.append(traits_of(node))
            if node is not self.compiler.query or not self.appends_limits:
                self.key += (node.low_mark, node.high_mark)
        elif kind is Join and type(node.join_field) not in BOUND:
            raise UnknownError(type(node.join_field))
        for name, value in vars(node).items():
            if name in NOT_VISITED or name == left_out:
                continue
            if type(value) in SIMPLE:
                self.key += (name, type(value), value)  # 1 is not True
            else:
                self.key.append(name)
                self.visit(value)

    def refuse(self, query: Query) -> None:
        """Refuse what Django compiles or checks in ways of its own."""
        state: Any = query
        if state.combinator or state.explain_info or any(p for _, p in state.extra.values()):
            raise UnknownError("query")
        if state.select_for_update and self.connection.get_autocommit():
            raise UnknownError("refused outside of a transaction")

    def add_values(self, node: Any, sql: Any, values: Iterable[Any]) -> None:
        """Note a node's values; its text may depend on them."""
        start = len(self.values)
        self.values += values
        if len(self.values) > MOST_VALUES:
            raise UnknownError("too many values")
        self.slots[id(node)] = sql, start, len(self.values)
        self.key += (sql if type(sql) is str else tuple(sql), len(self.values) - start)


class Slot:
    """Stands for a value while a plan is made; equal to another one if their values are."""

    def __init__(self, index: int, value: Any) -> None:
        self.index = index
        self.identity: Any = type(value), value

    def __eq__(self, other: object) -> bool:
        return type(other) is Slot and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class Plan:
    """What compiling a query yields, without its values."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.copies, self.slots = walk, dict[int, Any](), list[Slot]()
        compiler: Any = walk.compiler
        query = self.copied(compiler.query)
        self.compiler: Any = type(compiler)(
            query, compiler.connection, compiler.using, compiler.elide_empty
        )
        self.aliases = set(query.alias_map)

    def copied(self, value: Any) -> Any:
        """Copy a query with slots in place of values: other requests share its nodes."""
        kind = type(value)
        if kind is list or kind is tuple:
            return kind([self.copied(each) for each in value])
        if kind is dict:
            return {name: self.copied(each) for name, each in value.items()}
        if id(value) not in self.walk.seen:
            return value
        if id(value) not in self.copies:
            new = self.copies[id(value)] = copy.copy(value)
            for name, each in vars(value).items():
                if name in CACHED:
                    del vars(new)[name]
                elif name not in DERIVED:
                    vars(new)[name] = self.copied(each)
            if id(value) in self.walk.slots:
                sql, start, end = self.walk.slots[id(value)]
                slots = [Slot(i, self.walk.values[i]) for i in range(start, end)]
                name = "as_sql" if kind is Value else "process_rhs"
                vars(new)[name] = lambda *_: (sql, [*slots])
                self.slots += slots
        return self.copies[id(value)]

    def complete(self, real_sql: str, real_params: Any) -> "Plan | None":
        """Compile the copy; of no use if it isn't what Django has compiled for the request."""
        walk, compiler = self.walk, self.compiler
        params: Any
        self.sql, params = compile_as_django(compiler, with_limits=not walk.appends_limits)
        # A bool that is no slot is part of the key.
        if any(type(p) not in {Slot, bool} for p in params):
            return None
        self.places = [(p.index, None) if type(p) is Slot else (None, p) for p in params]
        if self.sql != real_sql or repr(self.arranged(walk.values)) != repr(tuple(real_params)):
            return None
        names = ("select", "klass_info", "annotation_col_map", "col_count", "has_extra_select")
        self.state = {name: getattr(compiler, name) for name in names}
        self.columns = [id(column) for column, *_ in compiler.select]
        joins = compiler.query.alias_map.items()
        self.joins = [(alias, join) for alias, join in joins if alias not in self.aliases]
        for node in self.copies.values():  # which keep nothing of the first request
            for name in ("identity", "rhs", "value", "as_sql", "process_rhs"):
                vars(node).pop(name, None)
            vars(node)["_constructor_args"] = (), {}
        for slot in self.slots:
            slot.identity = None
        del self.walk, self.copies, self.compiler, self.aliases
        return self

    def apply(self, compiler: Any, values: list[Any]) -> tuple[str, tuple[Any, ...]]:
        """Leave a compiler and its query as compiling would."""
        vars(compiler).update(self.state, plan=self)
        query = compiler.query
        for alias, join in self.joins:
            query.alias_map[alias], query.alias_refcount[alias] = join, 0
            query.table_map.setdefault(join.table_name, []).append(alias)
        return self.sql, self.arranged(values)

    def arranged(self, values: list[Any]) -> tuple[Any, ...]:
        """Put values in the text's order."""
        return tuple([constant if i is None else values[i] for i, constant in self.places])


compile_as_django = SQLCompiler.as_sql
execute_as_django = SQLCompiler.execute_sql
converters_as_django = SQLCompiler.get_converters


def execute_sql(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Let the first `as_sql()` use the cache: not nested ones, nor `str(queryset.query)`."""
    kind = type(self)
    self.may_use_plan = kind.__qualname__ == "SQLCompiler" and kind.__module__ in COMPILERS
    return execute_as_django(self, *args, **kwargs)


def as_sql(self: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
    """Take the text from a plan if there is one."""
    if not vars(self).pop("may_use_plan", False) or args or kwargs:
        return compile_as_django(self, *args, **kwargs)
    query, limits, plan, new = self.query, "", None, None
    try:
        walk = Walk(self)
        key = tuple(walk.key)
        try:
            plan = plans.get(key)
        except KeyError:
            new = Plan(walk)  # before compiling changes the query
    except Exception:  # noqa: BLE001 - where a value is wrong, Django raises the same again
        return compile_as_django(self)
    if query.is_sliced and walk.appends_limits:
        limits = " " + self.connection.ops.limit_offset_sql(query.low_mark, query.high_mark)
    if plan is not None:
        sql, params = plan.apply(self, walk.values)
        return sql + limits, params
    sql, params = compile_as_django(self)
    if new is not None:
        plans.add(key, new.complete(sql.removesuffix(limits), params))
    return sql, params


def get_converters(self: Any, expressions: Iterable[Any]) -> Any:
    """Keep a plan's converters with the connection, to which they are bound."""
    plan, columns = vars(self).get("plan"), [*expressions]
    if plan is None or [*map(id, columns)] != plan.columns:
        return converters_as_django(self, columns)
    known = vars(self.connection).setdefault("tuned_converters", WeakKeyDictionary())
    if plan not in known:
        known[plan] = converters_as_django(self, columns)
    return known[plan]


REPLACED = [
    Replacement(SQLCompiler, "execute_sql", execute_sql),
    Replacement(SQLCompiler, "as_sql", as_sql),
    Replacement(SQLCompiler, "get_converters", get_converters),
]
