"""What the tuned session reads, and does with it later, is what SQLAlchemy's own session does."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.orderinglist import OrderingList, ordering_list
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    aliased,
    contains_eager,
    defer,
    joinedload,
    lazyload,
    load_only,
    mapped_column,
    object_session,
    raiseload,
    relationship,
    selectinload,
    undefer,
    with_loader_criteria,
)
from sqlalchemy.orm.collections import InstrumentedList
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import StaticPool

from flask_api.tuned import reading
from flask_api.tuned.reading import ReadingSession


class Utc(TypeDecorator[datetime]):
    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value and value.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    pass


labels = Table(
    "labels",
    Base.metadata,
    Column("album_id", ForeignKey("albums.id"), primary_key=True),
    Column("genre_name", ForeignKey("genres.name"), primary_key=True),
)


class Genre(Base):
    __tablename__ = "genres"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)


class Artist(Base):
    __tablename__ = "artists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Album(Base):
    __tablename__ = "albums"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column("title", String(200))
    rating: Mapped[int | None]
    released_at: Mapped[datetime | None] = mapped_column(Utc)
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("artists.id"))

    artist: Mapped[Artist | None] = relationship()
    genres: Mapped[list[Genre]] = relationship(secondary=labels, order_by=Genre.name)
    songs: Mapped[list["Song"]] = relationship(
        order_by="Song.place.desc()", cascade="all, delete-orphan"
    )
    reviews: Mapped[list["Review"]] = relationship(cascade="all")

    @property
    def length(self) -> int:
        return sum(song.seconds or 0 for song in self.songs)


class Song(Base):
    __tablename__ = "songs"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    album_id: Mapped[UUID] = mapped_column(ForeignKey("albums.id"))
    place: Mapped[int]
    title: Mapped[str]
    seconds: Mapped[int | None]
    live: Mapped[bool | None]
    writer: Mapped[UUID | None]


class Review(Base):
    """Has a column that JSON wouldn't carry."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[UUID] = mapped_column(ForeignKey("albums.id"))
    written_at: Mapped[datetime]


class Shelf(Base):
    """Always comes with its boxes."""

    __tablename__ = "shelves"

    id: Mapped[int] = mapped_column(primary_key=True)
    boxes: Mapped[list["Box"]] = relationship(
        order_by="Box.place",
        collection_class=ordering_list("place", count_from=1),
        cascade="all, delete-orphan",
        lazy="selectin",
        backref="shelf",
    )


class Box(Base):
    __tablename__ = "boxes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
    place: Mapped[int]


class Animal(Base):
    __tablename__ = "animals"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}


class Cat(Animal):
    __mapper_args__ = {"polymorphic_identity": "cat"}


NAMES = ["Ünïcödé \N{SNOWMAN}", "a\0b", "quo\"te's", "", "[1]", "null", "z" * 200]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        genres = [Genre(name=name) for name in ("rock", "jazz", "Ä\0'\"")]
        session.add_all([*genres, Artist(id=1, name="Nina")])
        for number, name in enumerate(NAMES):
            session.add(
                Album(
                    name=name,
                    rating=number if number % 2 else None,
                    released_at=datetime(2020, 1, number + 1, 3, 4, 5, 6, UTC),
                    artist_id=1 if number % 3 else None,
                    genres=genres[: number % 4],
                    reviews=[Review(written_at=datetime(2021, 1, 1))],  # noqa: DTZ001
                    songs=[
                        Song(
                            place=place,
                            title=NAMES[place],
                            seconds=place if place % 2 else None,
                            live=[True, False, None][place % 3],
                            writer=uuid4() if place else None,
                        )
                        for place in range(number)
                    ],
                )
            )
        session.add_all([Cat(id=1), Animal(id=2), Shelf(), Shelf(boxes=[Box(), Box(), Box()])])
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[ReadingSession]:
    with ReadingSession(engine) as session:
        yield session


PARTS = (selectinload(Album.genres), selectinload(Album.songs))
TUNED: dict[str, Callable[[], Any]] = {
    "all": lambda: select(Album),
    "none": lambda: select(Album).where(Album.name == "nobody"),
    "parts": lambda: select(Album).options(*PARTS),
    "one part": lambda: select(Album).options(selectinload(Album.songs)),
    "a page": lambda: select(Album).options(*PARTS).order_by(Album.name.desc()).limit(3).offset(1),
    "filtered": lambda: (
        select(Album).where(Album.rating > 2, Album.name.in_(NAMES)).options(*PARTS)
    ),
    "of a genre": lambda: (
        select(Album)
        .where(Album.genres.any(Genre.name == "jazz"), Album.songs.any(Song.place > 1))
        .options(*PARTS)
    ),
    "joined": lambda: select(Album).join(Album.songs).where(Song.place < 3).options(*PARTS),
    "joined by name": lambda: select(Album).join(Song).where(Song.place < 3).options(*PARTS),
    "distinct": lambda: select(Album).join(Album.songs).distinct().options(*PARTS),
    "grouped": lambda: select(Album).join(Album.songs).group_by(Album.id).options(*PARTS),
    "related to something else": lambda: select(Song).join(Album, Song.album_id == Album.id),
    "outer": lambda: select(Artist).select_from(Album).outerjoin(Artist).order_by(Album.name),
    "in a subquery": lambda: (
        select(Album)
        .where(Album.id.in_(select(Song.album_id).where(Song.seconds.is_(None))))
        .options(*PARTS)
    ),
    "locked": lambda: select(Album).options(*PARTS).with_for_update(of=Album).limit(4),
    "contained": lambda: select(Album).join(Album.artist).options(contains_eager(Album.artist)),
    "perhaps contained": lambda: (
        select(Album).outerjoin(Album.artist).options(contains_eager(Album.artist), *PARTS)
    ),
    "declared": lambda: select(Shelf).order_by(Shelf.id),
    "declared and locked": lambda: select(Shelf).order_by(Shelf.id).with_for_update(),
    "declared and asked for": lambda: select(Shelf).options(selectinload(Shelf.boxes)),
    "filter_by": lambda: select(Album).filter_by(rating=3),
}
GIVEN_UP: dict[str, Callable[[], Any]] = {
    "joinedload": lambda: select(Album).options(joinedload(Album.songs)),
    "load_only": lambda: select(Album).options(load_only(Album.name)),
    "defer": lambda: select(Album).options(defer(Album.name)),
    "undefer": lambda: select(Album).options(undefer(Album.name)),
    "criteria": lambda: select(Album).options(
        *PARTS, with_loader_criteria(Song, Song.live.is_(True))
    ),
    "and_": lambda: select(Album).options(selectinload(Album.songs.and_(Song.place > 1))),
    "nested options": lambda: select(Album).options(
        selectinload(Album.songs).load_only(Song.title)
    ),
    "other types": lambda: select(Album).options(selectinload(Album.reviews)),
    "joined many to one": lambda: select(Album).options(joinedload(Album.artist)),
    "many to one": lambda: select(Album).options(selectinload(Album.artist)),
    "an alias": lambda: select(aliased(Album)),
    "two entities": lambda: select(Album, Song).join(Album.songs),
    "a column": lambda: select(Album.name),
    "an entity and a column": lambda: select(Album, Album.name),
    "execution options": lambda: select(Album).execution_options(populate_existing=True),
    "nothing of what is declared": lambda: select(Shelf).options(raiseload("*")),
    "later": lambda: select(Shelf).options(lazyload(Shelf.boxes)),
    "what comes with more": lambda: select(Box).join(Box.shelf).options(contains_eager(Box.shelf)),  # type: ignore[attr-defined]
    "subclasses": lambda: select(Animal),
    "a subclass": lambda: select(Cat),
    "union": lambda: select(Album).from_statement(
        select(Album).union(select(Album).where(Album.rating > 2))
    ),
}


def told(value: Any) -> Any:
    """Tell all that an object says without asking the database."""
    if isinstance(value, list | tuple | Row):
        return [told(each) for each in value]
    if not isinstance(value, Base):
        return (type(value).__name__, value)
    return type(value).__name__, {
        key: told(each) for key, each in sorted(vars(value).items()) if not key.startswith("_")
    }


def is_tuned(entity: Any) -> bool:
    return inspect(entity).runid is None  # SQLAlchemy numbers the statements that load something


@pytest.mark.parametrize("name", [*TUNED, *GIVEN_UP])
def test_the_same_entities(engine: Engine, name: str) -> None:
    make = {**TUNED, **GIVEN_UP}[name]
    for _ in range(2):  # the second finds a plan
        with Session(engine) as own, ReadingSession(engine) as session:
            expected = own.execute(make()).unique().all()
            found = session.execute(make()).unique().all()
            assert told(found) == told(expected)
            entities = [row[0] for row in found if isinstance(row[0], Base)]
            assert all(is_tuned(each) for each in entities) == (name in TUNED or not entities)
            states = [inspect(each) for each in entities]
            assert told(found) == told(expected)
            expected_states = [inspect(row[0]) for row in expected if isinstance(row[0], Base)]
            assert [state.key for state in states] == [state.key for state in expected_states]
            assert {*session.identity_map.keys()} == {*own.identity_map.keys()}
            assert not session.dirty


def test_values_of_other_statements_of_the_same_structure(session: ReadingSession) -> None:
    for rating in (1, 3, 5, 99):
        found = session.scalars(select(Album).where(Album.rating == rating).limit(rating)).all()
        assert [album.rating for album in found] == [rating] * (rating < 7)
        session.expunge_all()
    for names in (NAMES[:1], NAMES[:3], []):
        found = session.scalars(select(Album).where(Album.name.in_(names)).options(*PARTS)).all()
        assert {album.name for album in found} == {*names}
        session.expunge_all()


def albums(session: Session) -> list[Album]:
    return [*session.scalars(select(Album).options(*PARTS).order_by(Album.released_at))]


def test_one_object_for_one_row(session: ReadingSession) -> None:
    found = albums(session)
    genres = {id(genre): genre.name for album in found for genre in album.genres}
    assert len(genres) == len({*genres.values()}) == 3
    assert session.get(Album, found[0].id) is found[0]
    assert session.scalars(select(Genre).where(Genre.name == "jazz")).one() is next(
        genre for album in found for genre in album.genres if genre.name == "jazz"
    )
    assert albums(session) == found
    assert session.scalar(select(Album).where(Album.id == found[2].id)) is found[2]


def test_a_change_is_written(session: ReadingSession) -> None:
    album = albums(session)[-1]
    album.name = "changed"
    assert album in session.dirty
    assert object_session(album) is session
    assert inspect(album).attrs.name.history.deleted == ["z" * 200]
    session.commit()
    assert session.scalars(select(Album.name).where(Album.id == album.id)).one() == "changed"


CHANGES: dict[str, Callable[[list[Song]], Any]] = {
    "append": lambda songs: songs.append(Song(place=77, title="new")),
    "pop": lambda songs: songs.pop(),
    "clear": lambda songs: songs.clear(),
    "del": lambda songs: songs.__delitem__(0),
    "extend": lambda songs: songs.extend(
        [Song(place=78, title="new"), Song(place=79, title="new")]
    ),
    "set": lambda songs: songs.__setitem__(0, Song(place=80, title="new")),
    "remove": lambda songs: songs.remove(songs[1]),
    "sort": lambda songs: songs.sort(key=lambda song: song.title),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_collection_is_written(
    session: ReadingSession, change: Callable[[list[Song]], Any]
) -> None:
    album = albums(session)[-1]
    songs = album.songs
    change(songs)
    assert type(songs) is InstrumentedList
    expected = {(song.place, song.title) for song in songs}
    session.commit()
    rows = session.execute(select(Song.place, Song.title).where(Song.album_id == album.id))
    assert {(place, title) for place, title in rows} == expected


def test_an_ordering_list_orders(session: ReadingSession) -> None:
    shelf = session.get_one(Shelf, 2)
    assert is_tuned(shelf)
    boxes: Any = shelf.boxes
    boxes.insert(1, Box())
    assert type(boxes) is OrderingList
    boxes.append(Box())
    del boxes[0]
    assert [box.place for box in boxes] == [1, 2, 3, 4]
    session.commit()
    assert session.scalars(select(Box.place).order_by(Box.place)).all() == [1, 2, 3, 4]


def test_one_by_its_primary_key(session: ReadingSession) -> None:
    assert session.get(Shelf, 99) is None
    shelf = session.get_one(Shelf, 2)
    assert is_tuned(shelf)
    assert session.get(Shelf, 2) is shelf
    assert session.get(Shelf, (1,)) is not shelf
    assert not is_tuned(session.get(Animal, 1))
    assert isinstance(session.get(Animal, 1), Cat)
    session.expunge_all()
    assert not is_tuned(session.get(Shelf, 2, populate_existing=True))
    assert not is_tuned(session.get(Shelf, {"id": 1}))
    session.expunge_all()
    genre = session.get_one(Genre, "jazz")
    assert is_tuned(genre)
    session.add(genre)
    session.delete(genre)
    session.flush()
    assert session.get(Genre, "jazz") is None


def test_a_replaced_collection_is_written(session: ReadingSession) -> None:
    album = albums(session)[-1]
    album.genres = album.genres[:1]
    album.songs = []
    session.commit()
    assert session.scalar(select(func.count()).where(labels.c.album_id == album.id)) == 1
    assert session.scalar(select(func.count()).where(Song.album_id == album.id)) == 0


def test_deleting(session: ReadingSession) -> None:
    album = albums(session)[-1]
    session.delete(album)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Song)) == sum(range(6))


def test_the_rest_is_loaded_when_asked_for(session: ReadingSession) -> None:
    album = session.scalars(select(Album).where(Album.rating == 1)).one()
    assert is_tuned(album)
    assert album.artist is not None
    assert album.artist.name == "Nina"
    assert [song.place for song in album.songs] == [0]


def test_a_rollback_forgets_what_was_read(session: ReadingSession) -> None:
    album = albums(session)[0]
    session.rollback()
    assert "name" in inspect(album).expired_attributes
    assert album.name == NAMES[0]


def test_expiring_and_refreshing(session: ReadingSession) -> None:
    found = albums(session)
    session.connection().execute(update(Album).values(name="new"))
    session.expire(found[0])
    session.refresh(found[1])
    assert [found[0].name, found[1].name, found[2].name] == ["new", "new", NAMES[2]]
    session.expire_all()
    assert found[2].name == "new"
    session.commit()
    assert not session.identity_map.check_modified()


def test_refreshing_what_was_contained(session: ReadingSession) -> None:
    statement = TUNED["contained"]()
    found = session.scalars(statement).all()
    assert is_tuned(found[0])
    session.expire_all()
    assert found[0].name in NAMES
    assert found[0].artist.name == "Nina"
    session.refresh(found[1])
    assert found[1].artist is found[0].artist


def test_what_cannot_be_read(session: ReadingSession) -> None:
    class Unmapped:
        pass

    for _ in range(2):
        with pytest.raises(InvalidRequestError):
            session.get(Unmapped, 1)
        with pytest.raises(ArgumentError):
            session.scalars(select(Album).options(selectinload(Shelf.boxes))).all()


def test_what_is_read_last_is_what_was_flushed(session: ReadingSession) -> None:
    session.add(Album(name="added"))
    assert session.scalars(select(Album).where(Album.name == "added")).one().name == "added"
    with session.no_autoflush:
        session.add(Album(name="later"))
        assert session.scalars(select(Album).where(Album.name == "later")).all() == []


def test_a_closed_session_leaves_detached_entities(session: ReadingSession) -> None:
    album, other = albums(session)[4:6]
    session.close()
    assert is_tuned(album)
    assert (album.name, album.length) == (NAMES[4], 1 + 3)
    assert inspect(album).detached
    with pytest.raises(DetachedInstanceError):
        _ = album.artist
    other.name = "changed while detached"
    session.add(other)
    session.commit()
    assert session.get_one(Album, other.id).name == "changed while detached"


def test_merging(engine: Engine, session: ReadingSession) -> None:
    album = albums(session)[3]
    album.name = "merged"
    with ReadingSession(engine) as other:
        assert other.merge(album, load=True).name == "merged"


def test_expunging_one(session: ReadingSession) -> None:
    album, other = albums(session)[:2]
    session.expunge(album)
    assert album not in session
    assert other in session


@pytest.mark.parametrize("closed", [True, False])
def test_pickling(session: ReadingSession, closed: bool) -> None:  # noqa: FBT001
    album = albums(session)[-1]
    if closed:
        session.close()
    copied = pickle.loads(pickle.dumps(album))  # noqa: S301 – our own
    assert told(copied) == told(album)
    assert inspect(copied).detached
    copied.songs.append(Song(place=90, title="more"))
    assert inspect(copied).modified


READS_A_PICKLE = """
import pickle, sys
from sqlalchemy import inspect
from flask_api.tuned.tests.test_reading import Album, ReadingSession
album = pickle.load(sys.stdin.buffer)
assert inspect(album).detached
assert ReadingSession().merge(album, load=False) is not album
print(str(album.rating), [song.place for song in album.songs])
"""


def test_a_pickle_survives_the_process(session: ReadingSession) -> None:
    album = albums(session)[3]
    command = [sys.executable, "-c", READS_A_PICKLE]
    read = subprocess.check_output(command, input=pickle.dumps(album))
    assert read == b"3 [2, 1, 0]\n"


def test_what_an_entity_consists_of(session: ReadingSession) -> None:
    shelf = session.get_one(Shelf, 1)
    assert is_tuned(shelf)
    values = dict(vars(shelf))
    assert values.pop("_sa_instance_state").persistent
    assert values == {"id": 1, "boxes": []}


def test_entities_that_are_not_hashable(session: ReadingSession) -> None:
    class Dataclasses(MappedAsDataclass, DeclarativeBase):
        pass

    class Point(Dataclasses):
        __tablename__ = "points"

        id: Mapped[int] = mapped_column(primary_key=True)

    Dataclasses.metadata.create_all(session.connection())
    session.add_all([Point(id=1), Point(id=2)])
    session.commit()
    session.expunge_all()
    found = session.scalars(select(Point)).unique().all()
    assert [point.id for point in found] == [1, 2]
    assert is_tuned(found[0])
    session.expunge_all()
    assert len(session.execute(select(Point)).unique().all()) == 2


def test_more_columns_than_a_function_takes(session: ReadingSession) -> None:
    class Wide(DeclarativeBase):
        pass

    class Sheet(Wide):
        __tablename__ = "sheets"

        id: Mapped[int] = mapped_column(primary_key=True)
        lines: Mapped[list[Any]] = relationship("Line", lazy="selectin")

    columns = {f"c{number}": mapped_column(Integer) for number in range(1100)}
    identity = {
        "id": mapped_column(Integer, primary_key=True),
        "sheet_id": mapped_column(ForeignKey("sheets.id")),
    }
    line: Any = type("Line", (Wide,), {"__tablename__": "lines", **identity, **columns})
    Wide.metadata.create_all(session.connection())
    session.add(Sheet(id=1, lines=[line(id=7, c1099=3)]))
    session.commit()
    session.expunge_all()
    assert [each.c1099 for each in session.scalars(select(Sheet)).one().lines] == [3]


def test_listeners_hear_of_collections_later(session: ReadingSession) -> None:
    assert is_tuned(session.get(Shelf, 2))
    session.expunge_all()
    heard: list[Any] = []

    def listen(*arguments: Any) -> None:
        heard.append(arguments)

    event.listen(Shelf.boxes, "init_collection", listen)
    try:
        shelf = session.get(Shelf, 2)
    finally:
        event.remove(Shelf.boxes, "init_collection", listen)
    assert [target for target, *_ in heard] == [shelf]


def test_listeners_hear_of_the_statement_that_is_executed(
    engine: Engine, session: ReadingSession
) -> None:
    heard: list[Any] = []

    @event.listens_for(engine, "before_cursor_execute")
    def listen(*arguments: Any) -> None:
        heard.append(arguments[4].invoked_statement)

    statements = [select(Album).where(Album.name == name) for name in ("of Alice", "of Bob")]
    ReadingSession.plans.clear()
    for statement in statements:
        session.scalars(statement).all()
    assert heard == statements
    assert "of Alice" not in repr(ReadingSession.plans)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Album, "load"),
        (Album, "refresh"),
        (Song, "load"),
        (Genre, "load"),
        (ReadingSession, "do_orm_execute"),
        (ReadingSession, "loaded_as_persistent"),
    ],
)
def test_listeners_hear_all(session: ReadingSession, target: Any, name: str) -> None:
    heard: list[Any] = []

    def listen(*arguments: Any) -> None:
        heard.append(arguments)

    event.listen(target, name, listen)
    try:
        found = albums(session)
        assert not is_tuned(found[0])
        session.expire_all()
        _ = [song.title for album in found for song in album.songs]
        _ = [genre.name for album in found for genre in album.genres]
        session.close()
    finally:
        event.remove(target, name, listen)
    assert heard


def test_listeners_of_the_engine_hear_statements(engine: Engine, session: ReadingSession) -> None:
    heard: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: heard.append(arguments[2]))
    assert is_tuned(albums(session)[0])
    assert len(heard) == 1
    session.close()
    event.listen(engine, "before_execute", lambda *_: heard.append("executed"))
    assert not is_tuned(albums(session)[0])
    assert heard.count("executed") == 3


def test_options_of_an_execution(session: ReadingSession) -> None:
    statement = select(Album)
    assert not is_tuned(session.scalars(statement, {"unused": 1}).first())
    session.close()
    options = {"populate_existing": True}
    assert not is_tuned(session.scalars(statement, execution_options=options).first())
    session.close()
    assert not is_tuned(session.query(Album).first())


def test_many_threads(tmp_path: Any) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/albums.sqlite3")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            Album(name=str(number), rating=number, songs=[Song(place=1, title=str(number))])
            for number in range(40)
        )
        session.commit()

    def read(number: int) -> tuple[str, str]:
        with ReadingSession(engine) as session:
            statement = select(Album).where(Album.rating == number).options(*PARTS)
            album = session.scalars(statement).one()
            return album.name, album.songs[0].title

    ReadingSession.plans.clear()
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(read, [*range(40)] * 5)]
    assert found == [(str(number), str(number)) for number in range(40)] * 5
    engine.dispose()


def test_no_more_plans_than_are_needed(
    session: ReadingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_PLANS", 5)
    for number in range(1, 20):
        condition = Album.rating > 0
        for _ in range(number):
            condition |= Album.rating > 0
        session.scalars(select(Album).where(condition))
        session.close()
    assert 0 < len(ReadingSession.plans) <= 5
