"""SELECTs of entities, executed as one compiled statement.

A statement that selects one plain entity, with `selectinload` or without, is planned once for its
structure, which SQLAlchemy's cache key names. From then on its values go straight into compiled
SQL, rows become entities without the loading machinery, and related rows come along as JSON in
the same statement. Anything else, and anything that listens, gets SQLAlchemy's own way.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, SafeUUID
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    Select,
    SmallInteger,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.orderinglist import OrderingList
from sqlalchemy.orm import Load as LoaderOption
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.orm.collections import InstrumentedList
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

from flask_api.tuned.entities import LazySession, LazyState, Load, lazy_list

MAX_PLANS = 500  # as many as SQLAlchemy's own cache of compiled statements has
JSON_FUNCTIONS = {
    "postgresql": (func.json_agg, func.json_build_array),
    "sqlite": (func.json_group_array, func.json_array),
}
SELECTIN, JOINED = (("lazy", "selectin"),), (("lazy", "joined"),)
LISTS = {InstrumentedList, OrderingList}
set_attribute = object.__setattr__


def uuid_of(text: str) -> UUID:
    """Make a UUID of text that a database has written, for a third of what its own checks take."""
    value = UUID.__new__(UUID)
    set_attribute(value, "int", int(text.replace("-", ""), 16))
    set_attribute(value, "is_safe", SafeUUID.unknown)
    return value


# What JSON carries without loss on both databases, and what makes Python's value of it.
JSON_TYPES: dict[type, Callable[[Any], Any] | None] = {
    String: None,
    Text: None,
    Integer: None,
    SmallInteger: None,
    BigInteger: None,
    Boolean: bool,  # a number on SQLite
    Uuid: uuid_of,
}


class GivesWayError(Exception):
    """A statement that SQLAlchemy itself has to execute."""


def require(condition: object) -> None:
    """Give way unless a condition holds."""
    if not condition:
        raise GivesWayError


def plain_columns(mapper: Mapper[Any]) -> dict[str, Any]:
    """Find the columns of a class whose entities are what one row of one table says."""
    require(mapper.inherits is None and len(list(mapper.self_and_descendants)) == 1)
    require(mapper.polymorphic_on is None and not mapper.always_refresh)
    require(len(mapper.primary_key) == 1 and not mapper.composites)
    columns = {}
    for attribute in mapper.column_attrs:
        [column] = attribute.columns
        require(not attribute.deferred and isinstance(column, Column))
        require(column.table is mapper.local_table)
        columns[attribute.key] = column
    return columns


def is_listened_to(mapper: Mapper[Any]) -> bool:
    """Tell whether somebody wants to hear of each entity that is loaded."""
    dispatch = mapper.class_manager.dispatch
    return bool(dispatch.load or dispatch.refresh or mapper._reconstructor)


def conversion(column_type: Any) -> Callable[[Any], Any] | None:
    """Find out how to read a column's values from JSON; None: as they are."""
    types = {type(each) for each in (column_type, *column_type._variant_mapping.values())}
    require(types <= JSON_TYPES.keys() and getattr(column_type, "as_uuid", True))
    [convert] = {JSON_TYPES[each] for each in types}
    return convert


def primary_key(mapper: Mapper[Any]) -> str:
    """Return the name of the attribute that is the primary key."""
    return str(mapper.get_property_by_column(mapper.primary_key[0]).key)


def without_more(mapper: Mapper[Any]) -> None:
    """Give way if loading an entity of a class loads others."""
    require(all(each.lazy in {"select", "raise"} for each in mapper.relationships))


class Joined:
    """An entity that is in the same row, as `contains_eager` says."""

    def __init__(self, relationship: RelationshipProperty[Any]) -> None:
        self.key, self.mapper = relationship.key, relationship.mapper
        require(not relationship.uselist and self.mapper is not relationship.parent)
        without_more(self.mapper)
        self.columns = plain_columns(self.mapper)
        self.primary_key = primary_key(self.mapper)

    def entity(self, load: Load, row: Sequence[Any], known: dict[Any, Any]) -> Any:
        """Make the entity of a part of a row, the same one for the same primary key."""
        values = dict(zip(self.columns, row, strict=True))
        key = values[self.primary_key]
        if key is not None and key not in known:
            known[key] = load.make(self.mapper.class_, values)
        return known.get(key)


class Related:
    """A collection that comes along with each entity, as an array of arrays in JSON."""

    def __init__(self, relationship: RelationshipProperty[Any]) -> None:
        self.relationship = relationship
        self.key, self.mapper = relationship.key, relationship.mapper
        require(relationship.uselist and self.mapper is not relationship.parent)
        without_more(self.mapper)
        self.columns = plain_columns(self.mapper)
        attribute: Any = relationship.parent.class_manager[self.key]
        self.empty = attribute.impl.collection_factory
        made = self.empty()
        require(type(made) in LISTS and not getattr(made, "reorder_on_append", False))
        require(not attribute.dispatch.init_collection)
        for join in (relationship.primaryjoin, relationship.secondaryjoin):
            require(
                join is None
                or (isinstance(join, BinaryExpression) and join.operator is operators.eq)
            )
        [(local, remote)] = relationship.synchronize_pairs
        self.local = relationship.parent.get_property_by_column(local).key
        self.foreign = None  # where the entities refer to their owner, which isn't asked again
        if relationship.secondary is None:
            self.foreign = self.mapper.get_property_by_column(remote).key
            del self.columns[self.foreign]
        self.conversions = [
            (index, convert, column.nullable)
            for index, column in enumerate(self.columns.values())
            if (convert := conversion(column.type))
        ]
        self.primary_key = primary_key(self.mapper)

    def expression(self, dialect: Dialect) -> Any:
        """Write the subquery."""
        collected, row = JSON_FUNCTIONS[dialect.name]
        rows = select(*self.columns.values()).where(self.relationship.primaryjoin)
        if self.relationship.secondaryjoin is not None:
            rows = rows.where(self.relationship.secondaryjoin)
        if self.relationship.order_by:
            rows = rows.order_by(*self.relationship.order_by)
        parts = rows.correlate(self.relationship.parent.local_table).subquery()
        return select(cast(collected(row(*parts.columns)), Text)).scalar_subquery()

    def list(self, load: Load, owner: Any, text: str | None, known: dict[Any, Any]) -> Any:
        """Make the entities of an owner's collection, the same one for the same primary key."""
        entities = []
        for row in orjson.loads(text or "[]"):
            for index, convert, nullable in self.conversions:
                if not nullable or row[index] is not None:
                    row[index] = convert(row[index])
            values = dict(zip(self.columns, row, strict=True))
            entity = known.get(values[self.primary_key])
            if entity is None:
                if self.foreign:
                    values[self.foreign] = vars(owner)[self.local]
                entity = known[values[self.primary_key]] = load.make(self.mapper.class_, values)
            entities.append(entity)
        return lazy_list(self.empty(), entities, owner, self.key)


class Plan:
    """How statements of one structure are executed."""

    def __init__(self, statement: Select[Any], cache_key: Any) -> None:
        self.statement, self.cache_key = statement, cache_key
        [found] = statement.column_descriptions
        require(found["entity"] is found["expr"] and not found["aliased"])
        require("_compile_options" not in vars(statement))  # Query sets some
        self.cls = found["entity"]
        self.metadata = SimpleResultMetaData([found["name"]])
        self.mapper: Mapper[Any] = inspect(self.cls)
        self.columns = plain_columns(self.mapper)
        self.primary_key = primary_key(self.mapper)
        options: Any = statement._with_options
        self.options = tuple(option for option in options if option.propagate_to_loaders)
        strategies = dict(map(self.strategy, options))
        self.joined: list[Joined] = []
        self.related: list[Related] = []
        for relationship in self.mapper.relationships:
            strategy = strategies.get(relationship, (("lazy", relationship.lazy),))
            if strategy == SELECTIN:
                self.related.append(Related(relationship))
            elif relationship in strategies:
                self.joined.append(Joined(relationship))
            else:
                require(relationship.lazy in {"select", "raise"})
        others: list[Mapper[Any]] = [
            *(each.mapper for each in self.joined),
            *(each.mapper for each in self.related),
        ]
        self.mappers = {self.mapper, *others}
        require(len(self.mappers) == 1 + len(others))
        # Those who lock a row want what belongs to it as it is when they have the lock.
        self.locks = statement._for_update_arg is not None
        self.compiled: WeakKeyDictionary[Dialect, Any] = WeakKeyDictionary()
        for mapper in self.mappers:
            LazyState.watch(mapper.class_)

    def strategy(self, option: Any) -> tuple[RelationshipProperty[Any], Any]:
        """Find what an option loads, and how: by `selectinload` or `contains_eager`."""
        [element] = option.context
        require(element.strategy in {SELECTIN, JOINED} and not element._extra_criteria)
        require(element.strategy == SELECTIN or "eager_from_alias" in element.local_opts)
        require(not any(element.local_opts.values()) and element._of_type is None)
        root, relationship, _ = element.path
        require(root is self.mapper)
        return relationship, element.strategy

    def compiled_for(self, dialect: Dialect) -> Any:
        """Compile the statement, in which the values of others like it can take their places."""
        if dialect not in self.compiled:
            self.compiled[dialect] = None  # if it fails, SQLAlchemy may succeed or tell why not
            joined = [column for each in self.joined for column in each.columns.values()]
            related = [] if self.locks else [each.expression(dialect) for each in self.related]
            statement = self.statement.with_only_columns(*self.columns.values(), *joined, *related)
            statement._with_options = ()
            self.compiled[dialect] = statement.compile(dialect=dialect, cache_key=self.cache_key)
        return self.compiled[dialect]

    def is_undisturbed(self, session: LazySession) -> bool:
        """Tell whether SQLAlchemy would do no more than to make new entities."""
        classes = {mapper.class_ for mapper in self.mappers}
        return not (
            any(cls in classes for cls, *_ in session.entities)
            or any(type(each) in classes for load in session.loads for each in load.entities)
            or any(map(is_listened_to, self.mappers))
        )

    def rows(self, connection: Connection, values: Any) -> Sequence[Any]:
        """Execute the statement, as Connection.execute does once it has found it in its cache."""
        dialect = connection.dialect
        compiled = self.compiled[dialect]
        return connection._execute_context(
            dialect,
            dialect.execution_ctx_cls._init_compiled,
            compiled,
            [],
            connection.get_execution_options(),
            compiled,
            [],
            self.statement,
            values,
            cache_hit=CacheStats.CACHE_HIT,
        ).all()

    def entities(self, session: LazySession, connection: Connection, values: Any) -> list[Any]:
        """Execute the statement, and make entities of the rows."""
        load = Load(session, self.options)
        known: dict[Any, Any] = {}
        others: list[dict[Any, Any]] = [{} for _ in self.mappers]
        entities = []
        for row in self.rows(connection, values):
            values = dict(zip(self.columns, row, strict=False))
            key = values[self.primary_key]
            entity = known.get(key)
            if entity is None and key is not None:
                entity = known[key] = load.make(self.cls, values)
                end = len(self.columns)
                for each, seen in zip(self.joined, others, strict=False):
                    start, end = end, end + len(each.columns)
                    values[each.key] = each.entity(load, row[start:end], seen)
                if not self.locks:
                    self.add_related(load, entity, row[end:], others)
            entities.append(entity)
        if self.locks and self.related:
            dialect, column = connection.dialect, self.columns[self.primary_key]
            related = [each.expression(dialect) for each in self.related]
            statement = select(column, *related).where(column.in_([*known]))
            for key, *texts in connection.execute(statement):
                self.add_related(load, known[key], texts, others)
        session.loads.append(load)
        return entities

    def add_related(
        self, load: Load, entity: Any, texts: Sequence[Any], others: list[dict[Any, Any]]
    ) -> None:
        """Add its collections to an entity."""
        for each, text, seen in zip(self.related, texts, reversed(others), strict=False):
            vars(entity)[each.key] = each.list(load, entity, text, seen)


class ReadingSession(LazySession):
    """A session that executes what it has a plan for by itself."""

    plans: dict[Any, Plan | None] = {}

    def is_quiet(self) -> bool:
        """Tell whether nothing is to be flushed first, and nobody hears of what is read."""
        dispatch = self.dispatch
        return not (
            self.execution_options
            or self._new
            or self._deleted
            or self.entities._modified
            or dispatch.do_orm_execute
            or dispatch.loaded_as_persistent
            or dispatch.persistent_to_detached
        )

    def plan(self, key: Any, make: Callable[[], Plan]) -> Plan | None:
        """Find a plan that there is nothing against."""
        try:
            plan = self.plans[key]
        except KeyError:
            try:
                plan = make()
            except (GivesWayError, SQLAlchemyError, ValueError):  # ValueError: one too many
                plan = None
            if len(self.plans) >= MAX_PLANS:
                self.plans.clear()
            self.plans[key] = plan
        return plan if plan and plan.is_undisturbed(self) else None

    def entities_by(self, plan: Plan, values: Any) -> list[Any] | None:
        """Read by a plan; None if somebody hears of what is executed, or changes it."""
        bind_arguments = {"mapper": plan.mapper, "clause": plan.statement}
        connection = self.connection(bind_arguments=bind_arguments)
        with suppress(SQLAlchemyError, KeyError):  # KeyError: another database
            plan.compiled_for(connection.dialect)
        dispatch = connection.dispatch
        if (
            dispatch.before_execute
            or dispatch.after_execute
            or "schema_translate_map" in connection.get_execution_options()
            or plan.compiled[connection.dialect] is None
        ):
            return None
        return plan.entities(self, connection, values)

    def read(self, statement: Any) -> Any:
        """Execute a statement by its plan; None if it has none."""
        if (
            type(statement) is not Select
            or statement._propagate_attrs.get("compile_state_plugin") != "orm"
            # Not all of these are part of the cache key.
            or statement._execution_options
            or any(type(option) is not LoaderOption for option in statement._with_options)
            or not self.is_quiet()
        ):
            return None
        cache_key = statement._generate_cache_key()
        if cache_key is None or cache_key.params:
            return None
        plan = self.plan(cache_key.key, lambda: Plan(statement, cache_key))
        found = None if plan is None else self.entities_by(plan, cache_key.bindparams)
        if plan is None or found is None:
            return None
        return IteratorResult(plan.metadata, iter([(entity,) for entity in found]))

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().execute(statement, *args, **options) if result is None else result

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().scalars(statement, *args, **options) if result is None else result.scalars()

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().scalar(statement, *args, **options) if result is None else result.scalar()

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        is_plain = isinstance(entity, type) and type(ident) in {int, str, UUID}
        if is_plain and not any(options.values()) and self.is_quiet():
            plan = self.plan(entity, lambda: self.plan_of_one(entity))
            if plan is not None:
                key = bindparam(None, ident, plan.columns[plan.primary_key].type)
                found = self.entities_by(plan, [key])
                if found is not None:
                    return found[0] if found else None
        return super().get(entity, ident, **options)

    def plan_of_one(self, entity: Any) -> Plan:
        """Plan how to find one entity by its primary key."""
        statement: Select[Any] = select(entity).where(
            inspect(entity).primary_key[0] == bindparam("key", None)
        )
        return Plan(statement, statement._generate_cache_key())
