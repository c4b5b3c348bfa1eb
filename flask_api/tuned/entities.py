"""Entities that SQLAlchemy doesn't watch until somebody asks.

SQLAlchemy gives each entity that it loads an InstanceState, through which the session watches over
it. Few of those that are read are changed, compared or loaded further. Here one is its `__dict__`
alone; whoever needs the state, and be it to set an attribute, finds that it is made just then.
"""

from functools import cache
from typing import Any, cast
from weakref import ref

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.collections import CollectionAdapter

LOADED = "_tuned_load"
STATE = "_sa_instance_state"  # where SQLAlchemy looks for the state, by an attrgetter


class Load:
    """What was read by one statement in one session."""

    def __init__(self, session: "LazySession | None" = None, options: tuple[Any, ...] = ()) -> None:
        self.session = session  # None: closed since, so the entities are detached
        self.options = options  # how to load again what is expired
        self.entities: list[Any] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Load, ()  # a pickled entity is a detached one

    def make(self, cls: Any, values: dict[str, Any]) -> Any:
        """Make an entity of what was read."""
        entity = cls.__new__(cls)
        values[LOADED] = self
        entity.__dict__ = values
        self.entities.append(entity)
        return entity

    def attach(self, entity: Any) -> Any:
        """Give an entity the state that SQLAlchemy would have given it (loading._instance)."""
        values = vars(entity)
        mapper: Mapper[Any] = inspect(type(entity))
        manager = mapper.class_manager
        del values[LOADED]
        manager.setup_instance(entity)
        state = values[STATE]
        key = tuple(values[mapper.get_property_by_column(each).key] for each in mapper.primary_key)
        state.key = mapper.identity_key_from_primary_key(key)
        state.load_path, state.load_options = mapper._path_registry, self.options
        if self.session is not None:
            state.session_id = self.session.hash_key
            self.session.entities._add_unpresent(state, state.key)
        for key, value in values.items():
            if isinstance(value, Lazy):
                del value.owner, value.key
                collection: Any = value
                collection.__class__ = type(value).__mro__[2]
                CollectionAdapter(cast("Any", manager[key].impl), state, collection)
        return state


class LazyState:
    """The state, as a class attribute that is looked at if an entity hasn't any."""

    @classmethod
    def watch(cls, entity_class: type) -> None:
        """Let the entities of a class get their states when they are asked for."""
        type.__setattr__(entity_class, STATE, cls())  # past the declarative metaclass

    def __get__(self, entity: Any, owner: type) -> Any:
        load = None if entity is None else vars(entity).get(LOADED)
        if load is None:
            raise AttributeError(STATE)
        return load.attach(entity)


class Lazy:
    """A collection of an entity; the first change gives the entity its state."""

    __slots__ = ()
    owner: Any  # a weak reference
    key: str

    def __reduce__(self) -> Any:
        kept = {name: value for name, value in vars(self).items() if name not in LAZY_NAMES}
        empty = copy(self, kept)
        return lazy_list, (empty, [*cast("list[Any]", self)], self.owner(), self.key)

    @property
    def _sa_adapter(self) -> Any:
        owner = self.owner()
        if owner is None:
            return None
        inspect(owner)  # gives this its own class, and an adapter
        return self._sa_adapter


LAZY_NAMES = {"owner", "key"}


@cache
def lazy_class(cls: Any) -> type:
    """Make the class of a lazy list."""
    return type(f"Lazy{cls.__name__}", (Lazy, cls), {})


def copy(lazy: Lazy, values: dict[str, Any]) -> Any:
    """Make an empty list of the class that a lazy one stands for."""
    cls: Any = type(lazy).__mro__[2]
    empty = cls.__new__(cls)
    vars(empty).update(values)
    return empty


def lazy_list(empty: Any, entities: list[Any], owner: Any, key: str) -> Any:
    """Fill the list that a relationship's `collection_class` has made."""
    list.extend(empty, entities)  # past the events: the entities aren't new to it
    cls: Any = type(empty)
    empty.__class__ = lazy_class(cls)
    empty.owner, empty.key = ref(owner), key
    return empty


class LazySession(Session):
    """A session that gives its entities their states before it looks for any of them."""

    entities: Any  # the identity map itself, which has those with states

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.loads: list[Load] = []
        super().__init__(*args, **kwargs)

    @property
    def identity_map(self) -> Any:
        """All entities; SQLAlchemy asks for them by this name whenever it deals with any."""
        loads, self.loads = self.loads, []
        for load in loads:
            for entity in load.entities:
                if LOADED in vars(entity):
                    load.attach(entity)
            load.entities.clear()
        return self.entities

    @identity_map.setter
    def identity_map(self, entities: Any) -> None:
        self.entities = entities

    def expunge_all(self) -> None:
        """Forget all entities: those without a state will be detached if they ever get one."""
        for load in self.loads:
            load.session = None
            load.entities.clear()
        self.loads.clear()
        super().expunge_all()
