"""SELECTs of entities, executed as one compiled statement.

A statement that selects one plain entity, with `selectinload` or without, is planned once for its
structure, which SQLAlchemy's cache key names. From then on its values go straight into compiled
SQL, rows become entities without the loading machinery, and related rows come along as JSON in
the same statement. Entities have all that SQLAlchemy gives them, and the session watches over them
as ever. Anything else, and anything that listens, gets SQLAlchemy's own way.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID
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
from sqlalchemy.orm import Load as LoaderOption
from sqlalchemy.orm import Mapper, RelationshipProperty, Session
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

MAX_PLANS = 500  # as many as SQLAlchemy's own cache of compiled statements has
MAX_COLUMNS = 100  # what PostgreSQL's functions take; SQLite's take 127 or more
JSON_FUNCTIONS = {
    "postgresql": (func.json_agg, func.json_build_array),
    "sqlite": (func.json_group_array, func.json_array),
}
SELECTIN, JOINED = (("lazy", "selectin"),), (("lazy", "joined"),)
# What JSON carries without loss on both databases, and what makes Python's value of it.
JSON_TYPES: dict[type, Callable[[Any], Any] | None] = {
    String: None,
    Text: None,
    Integer: None,
    SmallInteger: None,
    BigInteger: None,
    Boolean: bool,  # a number on SQLite
    Uuid: UUID,
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


def without_more(mapper: Mapper[Any]) -> None:
    """Give way if loading an entity of a class loads others."""
    require(all(each.lazy in {"select", "raise"} for each in mapper.relationships))


class Source:
    """Values of a class's columns, of which entities are made."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        self.mapper = mapper
        self.columns = plain_columns(mapper)
        self.primary_key = mapper.get_property_by_column(mapper.primary_key[0]).key
        self.options: tuple[Any, ...] = ()  # how to load again what is expired

    def make(self, session: Session, values: dict[str, Any]) -> Any:
        """Make an entity that the session watches over (sqlalchemy.orm.loading._instance)."""
        entity = self.mapper.class_manager.new_instance()
        vars(entity).update(values)
        state: Any = instance_state(entity)
        state.key = self.mapper.class_, (values[self.primary_key],), None
        state.session_id = session.hash_key
        state.load_path, state.load_options = self.mapper._path_registry, self.options
        session.identity_map._add_unpresent(state, state.key)
        return entity


class Joined(Source):
    """An entity that is in the same row, as `contains_eager` says."""

    def __init__(self, relationship: RelationshipProperty[Any], options: tuple[Any, ...]) -> None:
        require(not relationship.uselist and relationship.mapper is not relationship.parent)
        without_more(relationship.mapper)
        super().__init__(relationship.mapper)
        self.key, self.options = relationship.key, options

    def entity(self, session: Session, row: Sequence[Any], known: dict[Any, Any]) -> Any:
        """Make the entity of a part of a row, the same one for the same primary key."""
        values = dict(zip(self.columns, row, strict=True))
        key = values[self.primary_key]
        if key is not None and key not in known:
            known[key] = self.make(session, values)
        return known.get(key)


class Related(Source):
    """A collection that comes along with each entity, as an array of arrays in JSON."""

    def __init__(self, relationship: RelationshipProperty[Any], options: tuple[Any, ...]) -> None:
        self.relationship = relationship
        require(relationship.uselist and relationship.mapper is not relationship.parent)
        without_more(relationship.mapper)
        super().__init__(relationship.mapper)
        self.key, self.options = relationship.key, options
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
        require(len(self.columns) <= MAX_COLUMNS)
        self.conversions = [
            (index, convert, column.nullable)
            for index, column in enumerate(self.columns.values())
            if (convert := conversion(column.type))
        ]

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

    def add(self, session: Session, owner: Any, text: str | None, known: dict[Any, Any]) -> None:
        """Give an owner its collection, with the same entity for the same primary key."""
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
                entity = known[values[self.primary_key]] = self.make(session, values)
            entities.append(entity)
        set_committed_value(owner, self.key, entities)


class Plan(Source):
    """How statements of one structure are executed."""

    def __init__(self, statement: Select[Any]) -> None:
        [found] = statement.column_descriptions
        require(found["entity"] is found["expr"] and not found["aliased"])
        require("_compile_options" not in vars(statement))  # Query sets some
        super().__init__(inspect(found["entity"]))
        self.metadata = SimpleResultMetaData(
            # Entities are told apart by identity, as they may not be hashable.
            [found["name"]],
            _create_unique_filters=lambda _: [id],
        )
        options: Any = statement._with_options
        self.options = tuple(option for option in options if option.propagate_to_loaders)
        strategies = dict(map(self.strategy, options))
        self.joined: list[Joined] = []
        self.related: list[Related] = []
        for relationship in self.mapper.relationships:
            strategy = strategies.get(relationship, (("lazy", relationship.lazy),))
            if strategy == SELECTIN:
                self.related.append(Related(relationship, self.options))
            elif relationship in strategies:
                self.joined.append(Joined(relationship, self.options))
            else:
                require(relationship.lazy in {"select", "raise"})
        others: list[Source] = [*self.joined, *self.related]
        self.mappers = {self.mapper, *(each.mapper for each in others)}
        require(len(self.mappers) == 1 + len(others))
        # Those who lock a row want what belongs to it as it is when they have the lock.
        self.locks = statement._for_update_arg is not None
        self.compiled: WeakKeyDictionary[Dialect, Any] = WeakKeyDictionary()

    def strategy(self, option: Any) -> tuple[RelationshipProperty[Any], Any]:
        """Find what an option loads, and how: by `selectinload` or `contains_eager`."""
        [element] = option.context
        require(element.strategy in {SELECTIN, JOINED} and not element._extra_criteria)
        require(element.strategy == SELECTIN or "eager_from_alias" in element.local_opts)
        require(not any(element.local_opts.values()) and element._of_type is None)
        root, relationship, _ = element.path
        require(root is self.mapper)
        return relationship, element.strategy

    def compiled_for(self, dialect: Dialect, statement: Any, cache_key: Any) -> Any:
        """Compile a statement, in which the values of others like it can take their places."""
        if dialect not in self.compiled:
            self.compiled[dialect] = None  # if it fails, SQLAlchemy may succeed or tell why not
            with suppress(SQLAlchemyError, KeyError):  # KeyError: another database
                joined = [column for each in self.joined for column in each.columns.values()]
                related = [] if self.locks else [each.expression(dialect) for each in self.related]
                columns = statement.with_only_columns(*self.columns.values(), *joined, *related)
                columns._with_options = ()
                self.compiled[dialect] = columns.compile(dialect=dialect, cache_key=cache_key)
        return self.compiled[dialect]

    def is_undisturbed(self, session: Session) -> bool:
        """Tell whether SQLAlchemy would do no more than to make new entities."""
        classes = {mapper.class_ for mapper in self.mappers}
        keys: Any = session.identity_map  # what its entities are found by
        return not (
            any(cls in classes for cls, *_ in keys) or any(map(is_listened_to, self.mappers))
        )

    def rows(
        self, connection: Connection, compiled: Any, statement: Any, values: Any
    ) -> Sequence[Any]:
        """Execute a statement, as Connection.execute does once it has found it in its cache."""
        dialect = connection.dialect
        return connection._execute_context(
            dialect,
            dialect.execution_ctx_cls._init_compiled,
            compiled,
            [],
            connection.get_execution_options(),
            compiled,
            [],
            statement,
            values,
            cache_hit=CacheStats.CACHE_HIT,
        ).all()

    def entities(self, session: Session, connection: Connection, rows: Sequence[Any]) -> list[Any]:
        """Make entities of the rows."""
        known: dict[Any, Any] = {}
        others: list[dict[Any, Any]] = [{} for _ in self.mappers]
        entities = []
        for row in rows:
            values = dict(zip(self.columns, row, strict=False))
            key = values[self.primary_key]
            entity = known.get(key)
            if entity is None and key is not None:
                end = len(self.columns)
                for each, seen in zip(self.joined, others, strict=False):
                    start, end = end, end + len(each.columns)
                    values[each.key] = each.entity(session, row[start:end], seen)
                entity = known[key] = self.make(session, values)
                if not self.locks:
                    self.add_related(session, entity, row[end:], others)
            entities.append(entity)
        if self.locks and self.related:
            column = self.columns[self.primary_key]
            related = [each.expression(connection.dialect) for each in self.related]
            statement = select(column, *related).where(column.in_([*known]))
            for key, *texts in connection.execute(statement):
                self.add_related(session, known[key], texts, others)
        return entities

    def add_related(
        self, session: Session, entity: Any, texts: Sequence[Any], others: list[dict[Any, Any]]
    ) -> None:
        """Add its collections to an entity."""
        for each, text, seen in zip(self.related, texts, reversed(others), strict=False):
            each.add(session, entity, text, seen)


class PlanOfOne(Plan):
    """How an entity is found by its primary key."""

    def __init__(self, entity: Any) -> None:
        [column, *_] = inspect(entity).primary_key
        self.statement: Select[Any] = select(entity).where(column == bindparam("key", None))
        self.cache_key = self.statement._generate_cache_key()
        super().__init__(self.statement)


class ReadingSession(Session):
    """A session that executes what it has a plan for by itself."""

    plans: dict[Any, Plan | None] = {}

    def is_quiet(self) -> bool:
        """Tell whether nothing is to be flushed first, and nobody hears of what is read."""
        dispatch = self.dispatch
        return self._is_clean() and not (
            self.execution_options or dispatch.do_orm_execute or dispatch.loaded_as_persistent
        )

    def plan(self, key: Any, make: Callable[[], Any]) -> Any:
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

    def entities_by(
        self, plan: Plan, statement: Any, cache_key: Any, values: Any
    ) -> list[Any] | None:
        """Read by a plan; None if somebody hears of what is executed, or changes it."""
        bind_arguments = {"mapper": plan.mapper, "clause": statement}
        connection = self.connection(bind_arguments=bind_arguments)
        dispatch = connection.dispatch
        if (
            dispatch.before_execute
            or dispatch.after_execute
            or "schema_translate_map" in connection.get_execution_options()
        ):
            return None
        compiled = plan.compiled_for(connection.dialect, statement, cache_key)
        if compiled is None:
            return None
        rows = plan.rows(connection, compiled, statement, values)
        return plan.entities(self, connection, rows)

    def read(self, statement: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """Execute a statement by its plan; None if it has none, or is to be executed otherwise."""
        if (
            any(args)
            or any(options.values())
            or type(statement) is not Select
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
        plan = self.plan(cache_key.key, lambda: Plan(statement))
        if plan is None:
            return None
        found = self.entities_by(plan, statement, cache_key, cache_key.bindparams)
        if found is None:
            return None
        return IteratorResult(plan.metadata, iter(found), _source_supports_scalars=True)

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = self.read(statement, args, options)
        return super().execute(statement, *args, **options) if result is None else result

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = self.read(statement, args, options)
        return super().scalars(statement, *args, **options) if result is None else result.scalars()

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        result = self.read(statement, args, options)
        return super().scalar(statement, *args, **options) if result is None else result.scalar()

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        is_plain = isinstance(entity, type) and type(ident) in {int, str, UUID}
        if is_plain and not any(options.values()) and self.is_quiet():
            plan = self.plan(entity, lambda: PlanOfOne(entity))
            if plan is not None:
                key = bindparam(None, ident, plan.columns[plan.primary_key].type)
                found = self.entities_by(plan, plan.statement, plan.cache_key, [key])
                if found is not None:
                    return found[0] if found else None
        return super().get(entity, ident, **options)
