"""A cache of compiled SQL: SQLAlchemy has one, Django compiles each query anew.

When a SELECT is about to run, its query is walked. The walk yields a key, the query's structure,
and the values, prepared by Django's own lookups. If the key is known, text, columns and converters
are used again, and only the values are new. At whatever the walk doesn't know, Django compiles.

A plan is made from a copy of the query that has numbered slots in place of values; its text must be
the one that Django compiled for the first request.
"""

import copy
from collections.abc import Callable, Iterable
from operator import attrgetter
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import Field, aggregates, expressions, functions, lookups
from django.db.models.expressions import Col, ColPairs, F, Value
from django.db.models.fields import related, related_lookups, reverse_related
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from drf_api.tuned.replacement import Replacement

# Other backends, and compilers of other statements, may do anything.
COMPILERS = {"django.db.models.sql.compiler", "django.db.backends.postgresql.compiler"}
MAX_PLANS = 500  # of some 12 KiB each

plans: "dict[Any, Plan | None]" = {}  # `None`: not to be tried again


class UnknownError(Exception):
    """Django has to compile this query."""


def words(text: str) -> list[str]:
    """List the words of a text; a list of them would take a line for each."""
    return text.split()


def named(module: Any, names: str) -> set[Any]:
    """Return what a module has under these names."""
    return {getattr(module, name) for name in words(names)}


# Exact classes: a subclass may override anything.
LOOKUPS = named(
    lookups,
    "Exact IExact GreaterThan GreaterThanOrEqual LessThan LessThanOrEqual In Range IsNull Contains "
    "IContains StartsWith IStartsWith EndsWith IEndsWith IntegerFieldExact IntegerGreaterThan "
    "IntegerGreaterThanOrEqual IntegerLessThan IntegerLessThanOrEqual",
) | named(
    related_lookups, "RelatedExact RelatedIn RelatedIsNull RelatedGreaterThan RelatedLessThan"
)
EXPRESSIONS = (
    named(aggregates, "Count Sum Avg Min Max")
    | named(functions, "Cast Coalesce NullIf Lower Upper Length Concat ConcatPair Now")
    | named(
        expressions,
        "CombinedExpression ExpressionWrapper NegatedExpression OrderBy Ref Star Case When Exists "
        "Subquery",
    )
)
# Generic relations have a content type's primary key in the text.
JOIN_FIELDS = named(related, "ForeignKey OneToOneField") | named(
    reverse_related, "ManyToOneRel OneToOneRel"
)
# Where a value of another type, or another value, makes another text, it is part of the key.
SIMPLE = {str, int, bool, type(None)}
# Attributes of expressions that are visited as children, or made of other attributes.
DERIVED = frozenset(
    words(
        "source_expressions expression lhs rhs filter default cases condition result query source "
        "identity _constructor_args contains_aggregate contains_over_clause contains_subquery "
        "allowed_default contains_column_references output_field _output_field_or_none "
        "convert_value constraint_validation_compatible"
    )
)
# What a query may differ in and is hashable. Attributes that aren't known may mean anything.
TRAITS = words(
    "model alias_cols default_cols default_ordering standard_ordering subquery distinct max_depth "
    "values_select alias_prefix select_for_update select_for_update_nowait "
    "select_for_update_skip_locked select_for_update_of select_for_no_key_update"
)
UNSUPPORTED = words(
    "_filtered_relations combinator combined_queries distinct_fields extra_tables extra_order_by "
    "explain_info"
)
KNOWN = {*vars(Query), *vars(Query(None)), "_lookup_joins", "_db"}
traits_of = attrgetter(*TRAITS)
unsupported_of = attrgetter(*UNSUPPORTED)


class KeyBuilder:
    """Collects the structure of a query in `key`, and its prepared values in `values`."""

    def __init__(self, compiler: Any) -> None:
        self.compiler, self.connection = compiler, compiler.connection
        # By the id of an expression that holds values: their text, and where they start.
        self.slots: dict[int, tuple[Any, int, int]] = {}
        self.values: list[Any] = []
        self.seen: dict[int, int] = {}
        self.is_ordering = self.has_comparable_values = False
        self.key: list[Any] = [
            *(type(self.connection), self.connection.alias, id(self.connection.settings_dict)),
            compiler.elide_empty,
        ]
        self.query(compiler.query, is_outermost=True)
        if self.has_comparable_values:
            # A repeated ORDER BY or GROUP BY is left out if its text *and values* are equal.
            first: dict[Any, int] = {}
            self.key += [first.setdefault((type(v), v), i) for i, v in enumerate(self.values)]

    def visit(self, nodes: Iterable[Any]) -> None:
        for node in nodes:
            handler = HANDLERS.get(type(node))
            if handler is None:
                if not is_plain_lookup(type(node)):
                    raise UnknownError(type(node))
                handler = HANDLERS[type(node)] = KeyBuilder.lookup
            handler(self, node)

    def add_values(self, node: Any, sql: Any, values: Iterable[Any]) -> None:
        """Note a node's values; its text may depend on them."""
        start = len(self.values)
        self.values += values
        self.slots[id(node)] = sql, start, len(self.values)
        self.key += (sql if type(sql) is str else tuple(sql), len(self.values) - start)

    def where(self, node: WhereNode) -> None:
        self.key += (WhereNode, node.connector, node.negated, len(node.children))
        self.visit(node.children)

    def lookup(self, node: Any) -> None:
        self.key.append(type(node))
        self.visit([node.lhs])
        rhs = node.rhs
        if node.bilateral_transforms or type(node.lhs) is ColPairs:
            raise UnknownError(type(node))
        if type(rhs) is bool:  # decides between `col` and `NOT col`, or IS NULL and IS NOT NULL
            self.key.append((bool, rhs))
        elif hasattr(rhs, "as_sql"):
            self.visit([rhs])
        elif type(rhs) is list and self.connection.ops.max_in_list_size():
            raise UnknownError("split IN list")
        else:
            self.add_values(node, *node.process_rhs(self.compiler, self.connection))

    def value(self, node: Any) -> None:
        self.key += (Value, type(node.value), node.for_save, field_key(node._output_field_or_none))
        self.add_values(node, *self.compiler.compile(node))

    def expression(self, node: Any) -> None:
        if id(node) in self.seen:  # such as an annotation that is used twice
            self.key.append(self.seen[id(node)])
            return
        self.seen[id(node)], sources = len(self.seen), node.get_source_expressions()
        # What is in ORDER BY is resolved when it is compiled.
        field = vars(node).get("output_field") if self.is_ordering else node._output_field_or_none
        self.key += (type(node), len(sources), field_key(field))
        for name, value in vars(node).items():
            if name not in DERIVED and value != {}:
                if type(value) not in SIMPLE:
                    raise UnknownError(name, type(node))
                self.key.append((name, type(value), value))
        self.visit(sources)

    def join(self, alias: str, join: Any) -> None:
        self.key += (alias, join.table_name)
        if type(join) is not BaseTable:
            field = join.join_field
            if type(join) is not Join or join.filtered_relation or type(field) not in JOIN_FIELDS:
                raise UnknownError(type(join), type(field))
            self.key += (join.parent_alias, join.join_type, join.nullable, id(field))

    def query(self, query: Query, *, is_outermost: bool = False) -> None:
        state, key, before = vars(query), self.key, len(self.values)
        if type(query) is not Query or not state.keys() <= KNOWN or any(unsupported_of(query)):
            raise UnknownError("query")
        if query.select_for_update and self.connection.get_autocommit():
            raise UnknownError("refused outside of a transaction")
        columns, is_deferred = query.deferred_loading
        key += (
            traits_of(query),
            (frozenset(columns), is_deferred, state.get("_db")),
            # Their order counts, too.
            repr((query.select_related, query.selected, query.external_aliases, query.table_map)),
            query.annotation_select_mask is None,
            frozenset(query.annotation_select_mask or ()),
            # The outermost LIMIT is appended to the text: all pages share a plan.
            query.is_sliced
            if appends_limits(query, is_outermost)
            else (
                query.low_mark,
                query.high_mark,
            ),
            *(len(query.alias_map), len(query.extra), len(query.annotations)),
        )
        for alias, join in query.alias_map.items():
            key.append(query.alias_refcount[alias])
            self.join(alias, join)
        for name, (sql, values) in query.extra.items():  # prefetching many-to-many adds one
            if values:
                raise UnknownError("extra() with values")
            key += (name, sql, name in query.extra_select)
        for name, node in query.annotations.items():
            key.append(name)
            self.visit([node])
        group_by = query.group_by if type(query.group_by) is tuple else (query.group_by,)
        for part in (query.select, group_by, query.order_by):
            key.append(len(part))
            self.is_ordering = part is query.order_by
            self.visit(part)
        self.is_ordering = False
        self.has_comparable_values |= len(self.values) > before
        self.visit([query.where])
        self.has_comparable_values |= query.group_by is not None and len(self.values) > before


def appends_limits(query: Query, is_outermost: bool) -> bool:  # noqa: FBT001 - of two parts
    """Tell whether LIMIT ends the text: `FOR UPDATE` follows it."""
    return is_outermost and not query.select_for_update


def field_key(field: Any) -> Any:
    """Return what tells an output field from others; those of models are there once."""
    if field is None or getattr(field, "model", None) is not None:
        return id(field)
    if type(field).__module__ != Field.__module__:
        raise UnknownError(type(field))
    names = ("max_length", "db_collation", "max_digits", "decimal_places")
    return type(field), *map(vars(field).get, names)


HANDLERS: dict[type, Callable[[KeyBuilder, Any], Any]] = {
    **dict.fromkeys(SIMPLE, lambda builder, value: builder.key.append((type(value), value))),
    **dict.fromkeys(LOOKUPS, KeyBuilder.lookup),
    **dict.fromkeys(EXPRESSIONS, KeyBuilder.expression),
    WhereNode: KeyBuilder.where,
    Query: KeyBuilder.query,
    Value: KeyBuilder.value,
    F: lambda builder, f: builder.key.extend((F, f.name)),
    Col: lambda builder, col: builder.key.extend(
        (col.alias, id(col.target), id(vars(col).get("output_field")))
    ),
}


def is_plain_lookup(kind: type) -> bool:
    """Tell whether a program's own lookup makes its text of nothing but the texts of its sides."""
    if not issubclass(kind, lookups.Lookup):
        return False
    own = [each for each in kind.__mro__ if not each.__module__.startswith("django.")]
    methods = [
        value
        for each in own
        for name, value in vars(each).items()
        if isinstance(value, FunctionType) and name != "get_prep_lookup"  # called long before
    ]
    return kind.__mro__[len(own)] in {*LOOKUPS, lookups.Lookup} and all(
        {*method.__code__.co_names} <= {"process_lhs", "process_rhs"}
        and not method.__code__.co_freevars
        for method in methods
    )


class Slot:
    """Stands for a value while a plan is made; equal to another one if their values are."""

    def __init__(self, index: int, value: Any) -> None:
        self.index, self.identity = index, (type(value), value)

    def __eq__(self, other: object) -> bool:
        return type(other) is Slot and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class Plan:
    """What compiling a query yields, without its values."""

    def __init__(self, compiler: Any, builder: KeyBuilder) -> None:
        self.builder, self.copies = builder, dict[int, Any]()
        query = self.copied(compiler.query)
        self.compiler = type(compiler)(
            query, compiler.connection, compiler.using, compiler.elide_empty
        )
        self.aliases = set(query.alias_map)

    def copied(self, node: Any) -> Any:
        """Copy a query with slots in place of values: other requests share its nodes."""
        if type(node) in {*SIMPLE, Col, F} or id(node) in self.copies:
            return self.copies.get(id(node), node)
        new: Any = node.clone() if type(node) is Query else copy.copy(node)
        self.copies[id(node)] = new
        slots = self.builder.slots.get(id(node))
        if slots:
            sql, start, end = slots
            values = [Slot(i, self.builder.values[i]) for i in range(start, end)]
            vars(new)["as_sql" if type(node) is Value else "process_rhs"] = lambda *_: (
                sql,
                [*values],
            )
        if type(node) is Query:  # whose clone() shares what is in these
            new.table_map = {table: [*aliases] for table, aliases in node.table_map.items()}
            new.annotations = {name: self.copied(each) for name, each in node.annotations.items()}
            for name in ("select", "group_by", "order_by"):
                part = getattr(node, name)
                setattr(new, name, tuple(map(self.copied, part)) if type(part) is tuple else part)
            new.where = self.copied(node.where)
        elif type(node) is WhereNode:
            new.children = [*map(self.copied, node.children)]
        elif type(node) is not Value:
            new.set_source_expressions([*map(self.copied, node.get_source_expressions())])
        return new

    def complete(self, real_sql: str, real_params: Any) -> "Plan | None":
        """Compile the copy; of no use if it isn't what Django has compiled for the request."""
        builder, compiler, query = self.builder, self.compiler, self.compiler.query
        params: Any
        self.sql, params = compile_as_django(
            compiler, with_limits=not appends_limits(query, is_outermost=True)
        )
        # A bool that is no slot is part of the key.
        if any(type(p) not in {Slot, bool} for p in params):
            return None
        self.places = [(p.index, None) if type(p) is Slot else (None, p) for p in params]
        if self.sql != real_sql or repr(self.arranged(builder.values)) != repr(tuple(real_params)):
            return None
        self.state = {
            name: getattr(compiler, name)
            for name in (
                "select",
                "klass_info",
                "annotation_col_map",
                "col_count",
                "has_extra_select",
            )
        }
        self.columns = [id(column) for column, *_ in compiler.select]
        self.joins = [
            (alias, join) for alias, join in query.alias_map.items() if alias not in self.aliases
        ]
        for node in self.copies.values():  # which keep nothing of the first request
            for name in ("identity", "rhs" if hasattr(node, "rhs") else "value"):
                vars(node).pop(name, None)
            vars(node)["_constructor_args"] = (), {}
        del self.builder, self.copies, self.compiler, self.aliases
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
    self.may_use_plan = (
        type(self).__qualname__ == "SQLCompiler" and type(self).__module__ in COMPILERS
    )
    return execute_as_django(self, *args, **kwargs)


def as_sql(self: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
    """Take the text from a plan if there is one."""
    if not vars(self).pop("may_use_plan", False) or args or kwargs:
        return compile_as_django(self, *args, **kwargs)
    query, limits, new = self.query, "", None
    if query.is_sliced and appends_limits(query, is_outermost=True):
        limits = " " + self.connection.ops.limit_offset_sql(query.low_mark, query.high_mark)
    try:
        builder = KeyBuilder(self)
        key = tuple(builder.key)
        if key not in plans:
            new = Plan(self, builder)  # before compiling changes the query
    except Exception:  # noqa: BLE001 - where a value is wrong, Django raises the same again
        return compile_as_django(self)
    plan = plans.get(key)
    if plan is not None:
        sql, params = plan.apply(self, builder.values)
        return sql + limits, params
    sql, params = compile_as_django(self)
    if new is not None:
        if len(plans) >= MAX_PLANS:
            plans.clear()
        plans[key] = new.complete(sql.removesuffix(limits), params)
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
