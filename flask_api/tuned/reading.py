"""SELECTs of entities, executed as one compiled statement.

A statement that selects one plain entity, with `selectinload` or without, is planned once for its
structure, which SQLAlchemy's cache key names. From then on its values go straight into compiled
SQL, rows become entities without the loading machinery, and related rows come along as JSON in
the same statement. Anything else, and anything that listens, gets SQLAlchemy's own way.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, SafeUUID

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
    cast,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import Load as LoaderOption
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.orm.collections import InstrumentedList
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

from flask_api.tuned.entities import LazyList, LazySession, LazyState, Load

MAX_PLANS = 500  # as many as SQLAlchemy's own cache of compiled statements has
JSON_FUNCTIONS = {
    "postgresql": (func.json_agg, func.json_build_array),
    "sqlite": (func.json_group_array, func.json_array),
}
SELECTIN = (("lazy", "selectin"),)
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
    for relationship in mapper.relationships:
        require(relationship.lazy in {"select", "raise", "raise_on_sql"})
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


class Related:
    """A collection that comes along with each entity, as an array of arrays in JSON."""

    def __init__(self, relationship: RelationshipProperty[Any]) -> None:
        self.relationship = relationship
        self.key = relationship.key
        self.mapper = relationship.mapper
        self.columns = plain_columns(self.mapper)
        require(relationship.uselist and self.mapper is not relationship.parent)
        attribute: Any = relationship.parent.class_manager[self.key]
        require(attribute.impl.collection_factory is InstrumentedList)
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
        types = [type(column.type) for column in self.columns.values()]
        require(all(each in JSON_TYPES for each in types))
        self.conversions = [
            (index, convert, column.nullable)
            for index, column in enumerate(self.columns.values())
            if (convert := JSON_TYPES[type(column.type)])
        ]
        self.primary_key = self.mapper.get_property_by_column(self.mapper.primary_key[0]).key
        LazyState.watch(self.mapper.class_)

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

    def fill(self, load: Load, owner: Any, text: str | None, known: dict[Any, Any]) -> LazyList:
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
        return LazyList(entities, owner, self.key)


class Plan:
    """How statements of one structure are executed."""

    def __init__(self, statement: Select[Any], cache_key: Any) -> None:
        self.statement, self.cache_key = statement, cache_key
        [found] = statement.column_descriptions
        require(found["entity"] is found["expr"] and not found["aliased"])
        require(statement._for_update_arg is None)
        require("_compile_options" not in vars(statement))  # Query sets some
        self.cls = found["entity"]
        self.metadata = SimpleResultMetaData([found["name"]])
        self.mapper: Mapper[Any] = inspect(self.cls)
        self.columns = plain_columns(self.mapper)
        self.related = [
            Related(relationship)
            for option in statement._with_options
            for relationship in self.loaded_by(option)
        ]
        self.primary_key = self.mapper.get_property_by_column(self.mapper.primary_key[0]).key
        self.mappers = {self.mapper, *(each.mapper for each in self.related)}
        self.compiled: dict[str, Any] = {}
        LazyState.watch(self.cls)

    def loaded_by(self, option: Any) -> Iterator[RelationshipProperty[Any]]:
        """Find what an option loads, which must be a `selectinload` of the entity's own."""
        for element in option.context:
            require(element.strategy == SELECTIN and not element._extra_criteria)
            require(not any(element.local_opts.values()) and element._of_type is None)
            root, relationship, _ = element.path
            require(root is self.mapper)
            yield relationship

    def compiled_for(self, dialect: Dialect) -> Any:
        """Compile the statement, in which the values of others like it can take their places."""
        if dialect.name not in self.compiled:
            related = [each.expression(dialect) for each in self.related]
            statement = self.statement.with_only_columns(*self.columns.values(), *related)
            statement._with_options = ()
            self.compiled[dialect.name] = statement.compile(
                dialect=dialect, cache_key=self.cache_key
            )
        return self.compiled[dialect.name]

    def is_undisturbed(self, session: LazySession) -> bool:
        """Tell whether SQLAlchemy would do no more than to make new entities."""
        classes = {mapper.class_ for mapper in self.mappers}
        return not (
            any(cls in classes for cls, *_ in session.entities)
            or any(type(each) in classes for load in session.loads for each in load.entities)
            or any(map(is_listened_to, self.mappers))
        )

    def entities(self, session: LazySession, connection: Connection, values: Any) -> list[Any]:
        """Execute the statement."""
        dialect = connection.dialect
        compiled = self.compiled_for(dialect)
        # What Connection.execute does once it has found a statement in its cache.
        rows = connection._execute_context(
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
        )
        load = Load(session, self.statement._with_options)
        session.loads.append(load)
        entities: list[Any] = []
        known: dict[Any, Any] = {}
        known_related: list[dict[Any, Any]] = [{} for _ in self.related]
        width = len(self.columns)
        for row in rows.all():
            values = dict(zip(self.columns, row, strict=False))
            entity = known.get(values[self.primary_key])
            if entity is None and values[self.primary_key] is not None:
                entity = known[values[self.primary_key]] = load.make(self.cls, values)
                for each, text, others in zip(
                    self.related, row[width:], known_related, strict=True
                ):
                    values[each.key] = each.fill(load, entity, text, others)
            entities.append((entity,))
        return entities


class ReadingSession(LazySession):
    """A session that executes what it has a plan for by itself."""

    plans: dict[Any, Plan | None] = {}

    def read(self, statement: Any) -> Any:
        """Execute a statement by its plan; None if it has none or if somebody listens."""
        dispatch = self.dispatch
        if (
            type(statement) is not Select
            or statement._propagate_attrs.get("compile_state_plugin") != "orm"
            # Not all of these are part of the cache key.
            or statement._execution_options
            or any(type(option) is not LoaderOption for option in statement._with_options)
            or self.execution_options
            or self._new
            or self._deleted
            or self.entities._modified
            or dispatch.do_orm_execute
            or dispatch.loaded_as_persistent
            or dispatch.persistent_to_detached
        ):
            return None
        cache_key = statement._generate_cache_key()
        if cache_key is None or cache_key.params:
            return None
        plan = self.plan(statement, cache_key)
        if plan is None or not plan.is_undisturbed(self):
            return None
        connection = self.connection(bind_arguments={"mapper": plan.mapper})
        if (
            connection.dispatch.before_execute
            or connection.dispatch.after_execute
            or connection.get_execution_options().get("schema_translate_map")
        ):
            return None
        return IteratorResult(
            plan.metadata, iter(plan.entities(self, connection, cache_key.bindparams))
        )

    def plan(self, statement: Select[Any], cache_key: Any) -> Plan | None:
        """Find the plan of a statement."""
        try:
            return self.plans[cache_key.key]
        except KeyError:
            pass
        try:
            plan = Plan(statement, cache_key)
        except (GivesWayError, ValueError):  # ValueError: not exactly one of something
            plan = None
        if len(self.plans) >= MAX_PLANS:
            self.plans.clear()
        self.plans[cache_key.key] = plan
        return plan

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().execute(statement, *args, **options) if result is None else result

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().scalars(statement, *args, **options) if result is None else result.scalars()

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = None if any(args) or any(options.values()) else self.read(statement)
        return super().scalar(statement, *args, **options) if result is None else result.scalar()
