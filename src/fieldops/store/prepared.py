"""
Statements of the busiest requests: compiled once for each kind of database, then given straight to its driver.

To look a compiled statement up, describe its columns and load objects takes SQLAlchemy several times as long as the
driver takes to run it, and a hold needs a dozen of them. What a statement says, how values are converted, in which
transaction it runs and which errors it raises stays SQLAlchemy's.

On PostgreSQL changes are kept back and sent together, in one round trip with whatever is read next, or before the
transaction ends: each round trip of its own costs a change of threads. Everything still happens in the order in which
it was asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Dialect, Insert, Select, Update, bindparam, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import iterate

#: Under this name `Session.info` keeps a transaction, its connection, and the one cursor that it needs.
_CURSOR: Final = "fieldops_cursor"
#: Under this name it keeps the changes that were not sent yet.
_KEPT_BACK: Final = "fieldops_kept_back"
#: How many forms of one statement are kept, by the lengths of its lists; longer lists are rare enough to be built anew.
_MAX_FORMS: Final = 64
#: Rows that are inserted by one statement at most: there is a form for each number of them.
_MAX_TOGETHER: Final = 16

_Convert = Callable[[Any], Any]


class Prepared:
    """
    A statement that is compiled once; threads may share it.

    Parameters
    ----------
    statement
        Nothing in it is left to be filled in by SQLAlchemy: no defaults of columns, no relations to load.

    Notes
    -----
    A query may ask for mapped classes: their objects belong to the session as if it had loaded them, and are as the
    database says now, also those that it knew before.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update) -> None:
        self._statement = statement
        parameters = [part for part in iterate(statement) if isinstance(part, BindParameter)]
        self._lists = tuple(parameter.key for parameter in parameters if parameter.expanding and parameter.required)
        self._forms: dict[tuple[Any, ...], _Form] = {}
        self._readers: dict[str, _Reader] = {}
        self._wholes: dict[int, Prepared] = {}

    def rows(self, session: Session, values: Mapping[str, Any], *, flush: bool = True) -> list[Sequence[Any]]:
        """
        Run it, and return what it finds.

        Parameters
        ----------
        values
            By the names of the parameters; lists for those that expand.
        flush
            Whether to write what the session has to write first.
        """
        if flush:
            session.flush()
        connection, cursor = _cursor_of(session)
        dialect = connection.dialect
        form = self._form(dialect, values)
        _send(session, (form.sql, form.parameters(values)))
        found = cursor.fetchall()
        reader = self._readers.get(dialect.name)
        if reader is None:
            reader = self._readers[dialect.name] = _reader_of(self._statement, dialect, cursor.description)
        return [reader.read(session, row) for row in found]

    def scalar(self, session: Session, values: Mapping[str, Any], *, flush: bool = True) -> Any:
        """Run it, and return the first member of the first row; None when there is no row."""
        found = self.rows(session, values, flush=flush)
        return found[0][0] if found else None

    def run(self, session: Session, *rows: Mapping[str, Any]) -> None:
        """Run it once for each of some rows of values, in their order; nothing is returned."""
        connection, cursor = _cursor_of(session)
        if _has_pipelines(connection):
            kept_back = session.info.setdefault(_KEPT_BACK, [])
            for first in range(0, len(rows), _MAX_TOGETHER):
                kept_back += self._together(connection.dialect, rows[first : first + _MAX_TOGETHER])
            return
        form = self._form(connection.dialect, rows[0])
        try:
            cursor.executemany(form.sql, [form.parameters(row) for row in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _translated(error, connection, form.sql) from error

    def _together(self, dialect: Dialect, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
        """Give the statements that run it for each of some rows: several rows are inserted with one."""
        if len(rows) == 1 or not isinstance(self._statement, Insert):
            return [(form.sql, form.parameters(row)) for row in rows for form in [self._form(dialect, row)]]
        whole = self._wholes.get(len(rows))
        if whole is None:
            types = {name: self._statement.table.c[name].type for name in rows[0]}
            named: list[dict[str, Any]] = [
                {name: bindparam(f"{name}_{at}", type_=type_) for name, type_ in types.items()}
                for at in range(len(rows))
            ]
            whole = self._wholes[len(rows)] = Prepared(self._statement.values(named))
        values = {f"{name}_{at}": value for at, row in enumerate(rows) for name, value in row.items()}
        form = whole._form(dialect, values)
        return [(form.sql, form.parameters(values))]

    def _form(self, dialect: Dialect, values: Mapping[str, Any]) -> "_Form":
        """Return the statement as a database wants it, for lists of these lengths."""
        columns = list(values) if isinstance(self._statement, Insert) else []
        key = (dialect.name, *columns, *[len(values[name]) for name in self._lists])
        form = self._forms.get(key)
        if form is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=columns or None)
            assert isinstance(compiled, SQLCompiler), "statements of tables compile to SQL"
            assert not compiled.insert_prefetch, "all columns that have defaults are given"
            form = _form_of(compiled, values)
            if len(self._forms) < _MAX_FORMS:
                self._forms[key] = form
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """
    A statement in the words of one driver.

    Attributes
    ----------
    inputs
        Of each parameter: its name in the statement, the place in its list (None = it is no list), and how its value
        is converted.
    names
        Those of the driver, in the same order; None where parameters go by their order.
    constants
        Values that the statement itself brings along, by name.
    """

    sql: str
    inputs: tuple[tuple[str, int | None, _Convert | None], ...]
    names: tuple[str, ...] | None
    constants: Mapping[str, Any]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Convert values to what the driver takes."""
        given = {**self.constants, **values} if self.constants else values
        converted = []
        for source, place, convert in self.inputs:
            value = given[source] if place is None else given[source][place]
            converted.append(value if convert is None else convert(value))
        return converted if self.names is None else dict(zip(self.names, converted, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """
    Makes of the rows of one driver what was asked for.

    Attributes
    ----------
    outputs
        Which columns are converted, and how.
    shape
        What a row becomes: per member its first column, and the class whose object it is; None = that value alone.
    """

    outputs: tuple[tuple[int, _Convert], ...]
    shape: tuple[tuple[int, "_Loader | None"], ...]

    def read(self, session: Session, row: Sequence[Any]) -> Sequence[Any]:
        """Convert a row."""
        cells = list(row)
        for column, convert in self.outputs:
            cells[column] = convert(cells[column])
        return [cells[first] if load is None else load(session, cells[first:]) for first, load in self.shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loader:
    """
    Makes the object of a row.

    Attributes
    ----------
    names
        Of the attributes, in the order of the columns.
    keys
        Which of the columns are the primary key.
    """

    mapper: Mapper[Any]
    names: tuple[str, ...]
    keys: tuple[int, ...]

    def __call__(self, session: Session, cells: Sequence[Any]) -> Any:
        """Return the session's object for a row; None for the empty one of an outer join."""
        identity = tuple(cells[key] for key in self.keys)
        if None in identity:
            return None
        known = session.identity_map.get(self.mapper.identity_key_from_primary_key(identity))
        if known is not None:
            for name, cell in zip(self.names, cells, strict=False):
                set_committed_value(known, name, cell)
            return known
        made = self.mapper.class_()
        vars(made).update(zip(self.names, cells, strict=False))
        make_transient_to_detached(made)
        session.add(made)
        return made


def _form_of(compiled: SQLCompiler, values: Mapping[str, Any]) -> _Form:
    """Put a compiled statement into the words of its driver, for lists as long as these."""
    expanded = compiled.construct_expanded_state(values)
    sources: dict[str, tuple[str, int | None]] = {name: (name, None) for name in expanded.parameters}
    for source, members in expanded.parameter_expansion.items():
        sources.update({member: (source, place) for place, member in enumerate(members)})
    names = list(expanded.parameters) if expanded.positiontup is None else expanded.positiontup
    types = {name: parameter.type.dialect_impl(compiled.dialect) for name, parameter in compiled.binds.items()}
    inputs = [(*sources[name], types[sources[name][0]].bind_processor(compiled.dialect)) for name in names]
    return _Form(
        sql=expanded.statement,
        inputs=tuple(inputs),
        names=tuple(names) if expanded.positiontup is None else None,
        constants={name: value for name, value in compiled.params.items() if name not in values},
    )


def _reader_of(statement: Any, dialect: Dialect, description: Sequence[Sequence[Any]]) -> _Reader:
    """Prepare to read what a cursor describes."""
    columns = statement.selected_columns if isinstance(statement, Select) else statement.exported_columns
    converts = [
        column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        for column, told in zip(columns, description, strict=True)
    ]
    return _Reader(
        outputs=tuple((at, convert) for at, convert in enumerate(converts) if convert is not None),
        shape=tuple(_shape_of(statement)),
    )


def _shape_of(statement: Any) -> list[tuple[int, _Loader | None]]:
    """Find out what a row becomes."""
    if not isinstance(statement, Select):
        return [(at, None) for at in range(len(statement.exported_columns))]
    shape: list[tuple[int, _Loader | None]] = []
    first = 0
    for member in statement.column_descriptions:
        mapper = inspect(member["expr"], raiseerr=False) if isinstance(member["expr"], type) else None
        if mapper is None:
            shape.append((first, None))
            first += 1
            continue
        columns = list(mapper.local_table.columns)
        names = tuple(mapper.get_property_by_column(column).key for column in columns)
        keys = tuple(columns.index(column) for column in mapper.primary_key)
        shape.append((first, _Loader(mapper=mapper, names=names, keys=keys)))
        first += len(columns)
    return shape


def _cursor_of(session: Session) -> tuple[Connection, Any]:
    """Return connection and cursor of a session's transaction, which begins now if it has not."""
    known = session.info.get(_CURSOR)
    if known is None or known[0] is not session.get_transaction():
        connection = session.connection()
        known = session.info[_CURSOR] = session.get_transaction(), connection, connection.connection.cursor()
    return known[1], known[2]


def send_kept_back(session: Session, *, and_commit: bool = False) -> None:
    """
    Send the changes that were kept back; whatever else a session does to the database comes after them.

    Parameters
    ----------
    and_commit
        Commit in the same round trip: the session, which has nothing more to write, then finds that done.
    """
    if session.info.get(_KEPT_BACK):
        _send(session, *((("COMMIT", None),) if and_commit else ()))


def let_go(session: Session) -> None:
    """Close the cursor of a session: a connection that one is open on is not closed with its engine."""
    session.info.pop(_KEPT_BACK, None)
    known = session.info.pop(_CURSOR, None)
    if known is not None:
        known[2].close()


def _send(session: Session, *last: tuple[str, Any]) -> None:
    """Send what was kept back, and perhaps one statement more, whose answer the session's cursor then has."""
    connection, cursor = _cursor_of(session)
    statements = [*session.info.pop(_KEPT_BACK, ()), *last]
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline() if len(statements) > 1 else nullcontext():
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(error, connection, "; ".join(sql for sql, _ in statements)) from error


def _has_pipelines(connection: Connection) -> bool:
    """Tell whether the driver can send several statements before the first is answered."""
    return connection.dialect.name == "postgresql"


def _translated(error: Any, connection: Connection, sql: str) -> Any:
    """Make of a driver's error what SQLAlchemy makes of it; a connection that is gone is not used again."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection.dbapi_connection, None):
        connection.invalidate(error)
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
