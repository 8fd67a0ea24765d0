"""Registers that stay where they are: DuckDB over files, a table in PostgreSQL, a table in Spark.

Every engine gets the same few short queries; only how it writes its own SHA-256 differs. None reads a row more than it
must: the draw of a country brings a few thousand names back.
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from isegoria.errors import BadInput, Place
from isegoria.register.converting import convert
from isegoria.register.scanning import Layout, is_formula
from isegoria.register.sources import Source, open_source

if TYPE_CHECKING:
    import duckdb
    import psycopg
    from pyspark.sql import SparkSession

Columns = Sequence[tuple[str, str]]
"""Names and types (`text` or `number`) of what a query gets from us beside the register."""
MEMORY_LIMIT = "768MB"
BATCH = 10_000
_UTF8 = {"utf-8", "utf-8-sig", "ascii"}
_WHITE = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""What Python's `str.strip` takes off."""
_SIGNS = "=＝+-@＋－＠"
_FORMULA = r"""^(?:[=＝]\s*[\pL\pN_("'@+\-{\[$.]|[+\-@＋－＠].*\|.*!)"""
"""As `isegoria.register.scanning` refuses them."""


class Engine(ABC):
    """A connection to a table engine that holds one register.

    Attributes
    ----------
    columns
        The names of the register's columns.
    """

    columns: tuple[str, ...]

    def __init__(self) -> None:
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection and of what lies beside it."""
        self._closing.close()

    @property
    def sha256(self) -> str:
        """Of the register's file, 64 hexadecimal digits; empty for a table of a database, which has none."""
        return ""

    @property
    @abstractmethod
    def register(self) -> str:
        """The register, as it stands after FROM."""

    @abstractmethod
    def rows(
        self, query: str, given: Mapping[str, tuple[Columns, Sequence[Sequence[Any]]]] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query, which may also read from the given small relations, by name."""

    @abstractmethod
    def stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query that may have millions, in memory that does not grow with them."""

    def __len__(self) -> int:
        """Return the number of rows of the register, eligible or not."""
        ((count,),) = self.rows(f"SELECT count(*) FROM {self.register}")
        return int(count)

    # -- how this engine writes it ------------------------------------------------------------------
    def column(self, name: str) -> str:
        """Return a column as text.

        Raises
        ------
        BadInput
            `column_missing`.
        """
        if name not in self.columns:
            raise BadInput("column_missing", Place(row=1), column=name)
        return f"CAST({self.quoted(name)} AS {self.text_type})"

    text_type = "VARCHAR"

    def quoted(self, name: str) -> str:
        """Return a name of a column or table so that nothing in it can end it."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, text: str) -> str:
        """Return a text so that nothing in it can end it."""
        return "'" + text.replace("'", "''") + "'"

    @abstractmethod
    def key(self, prefix: str, name: str) -> str:
        """Return the SHA-256 of a prefix (hexadecimal digits) before an expression, in a form that sorts."""

    def shown(self, key: str) -> str:
        """Return a key in hexadecimal digits."""
        return key

    def sortable(self, digits: str) -> str:
        """Return hexadecimal digits in the form of the keys."""
        return digits

    @abstractmethod
    def hmac(self, inner: bytes, outer: bytes, name: str) -> str:
        """Return `SHA-256(outer ‖ SHA-256(inner ‖ name))` in hexadecimal digits: an HMAC with its keys padded."""


class DuckDB(Engine):
    """Files, in the engine that comes with the library.

    Parameters
    ----------
    source
        A Parquet file, which stays where it is and may be of any size; or a CSV or a workbook, or a source that was
        opened with `open_source`, which are read once into the engine.
    layout
        How an office writes its columns, from a profile: the file is then checked row by row and translated first.
    memory_limit
        What it may use before it goes on in a private folder of the disk, which is removed at the end.

    Raises
    ------
    BadInput
        `register_not_parquet`, `register_not_csv`, `cell_formula`, and what `open_source` and, with a layout,
        `convert` raise.
    """

    def __init__(
        self,
        source: Path | str | Source,
        *,
        layout: Layout | None = None,
        memory_limit: str = MEMORY_LIMIT,
    ) -> None:
        import duckdb  # noqa: PLC0415  # whoever reads no files in it needs no table engine

        super().__init__()
        self.path = source.path if isinstance(source, Source) else Path(source)
        self._error = duckdb.Error
        self._sha256 = ""
        self._name = "register"
        self.derived: set[str] = set()
        spill = self._closing.enter_context(tempfile.TemporaryDirectory(prefix="isegoria-register-"))
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection: duckdb.DuckDBPyConnection = self._closing.enter_context(
            duckdb.connect(config=config)
        )
        try:
            if layout is None and _is_parquet(self.path):
                self._view(self.path)
                return
            opened = source if isinstance(source, Source) else open_source(source)
            self._sha256 = opened.sha256
            if layout is None:
                self._load(opened, Path(spill))
            else:
                translated = Path(spill) / "register.parquet"
                convert(opened, translated, layout, whole=True)
                self._view(translated)
        except BaseException:
            self.close()
            raise

    def derive(self, name: str, columns: Sequence[str], value: Callable[..., str]) -> None:
        """Add a column that follows from others, worked out once for each combination of their cells.

        Parameters
        ----------
        name
            Of the column; one of this name that is there already is replaced.
        columns
            What it follows from; one that the register does not have counts as empty.
        value
            Receives their cells, as texts.
        """
        cells = [f"coalesce({self.column(each)}, '')" if each in self.columns else "''" for each in columns]
        found = self.rows(f"SELECT DISTINCT {', '.join(cells)} FROM {self.register}")
        made = [*zip(*found, strict=True), [value(*each) for each in found]]
        names = [f"isegoria_{place}" for place in range(len(columns))]
        lists = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS {each}" for each in (*names, "isegoria_made"))
        rest = [each for each in self.columns if each != name]
        kept = ", ".join(f"r.{self.quoted(each)}" for each in rest)
        same = " AND ".join(f"{cell} = d.{each}" for cell, each in zip(cells, names, strict=True))
        wider = f"{self._name}_and_more"
        self._connection.execute(
            f"CREATE TABLE {wider} AS SELECT {kept}, d.isegoria_made AS {self.quoted(name)} "
            f"FROM {self._name} AS r JOIN (SELECT {lists}) AS d ON {same}",
            [list(each) for each in made] if found else [[] for _ in range(len(names) + 1)],
        )
        self._name, self.columns = wider, (*rest, name)
        self.derived.add(name)

    def _view(self, path: Path) -> None:
        self._create("VIEW", f"SELECT * FROM read_parquet({self.literal(str(path))})", "parquet")

    def _create(self, kind: str, query: str, of: str) -> None:
        try:
            self._connection.execute(f"CREATE {kind} register AS {query}")
            found = self._connection.execute("SELECT * FROM register LIMIT 0").description
        except self._error as error:
            raise BadInput(f"register_not_{of}", Place(self.path.name), detail=self._told(error)) from error
        self.columns = tuple(column[0] for column in found)

    def _told(self, error: Exception) -> str:
        # Its first line says what is wrong; the next ones repeat cells, which no message of ours does.
        return str(error).splitlines()[0].replace(str(self.path), self.path.name)

    def _load(self, source: Source, folder: Path) -> None:
        """Read a text file, cleaned as `isegoria.register.read` cleans it."""
        _, rows = next(source.batches())
        header = [cell.strip() for cell in rows[0]]
        if twice := next((name for name in header if header.count(name) > 1), None):
            raise BadInput("column_twice", Place(source.name, row=1), column=twice)
        path, delimiter = source.path, source.delimiter or ","
        if source.text is None or source.text.codec.lower() not in _UTF8 or source.announced:
            path, delimiter = _rewritten(source, folder / "register.csv"), ","
        columns = ", ".join(f"{self.literal(name)}: 'VARCHAR'" for name in header)
        cells = ", ".join(f"{self._cleaned(name)} AS {self.quoted(name)}" for name in header)
        read = (
            f"read_csv({self.literal(str(path))}, auto_detect = false, header = true, strict_mode = true, "
            f"delim = {self.literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}})"
        )
        self._create("TABLE", f"SELECT {cells} FROM {read}", "csv")
        signs = ", ".join(map(self.literal, _SIGNS))
        formulas = " OR ".join(
            f"({self.quoted(name)}[1] IN ({signs}) AND regexp_matches({self.quoted(name)}, {self.literal(_FORMULA)}))"
            for name in header
        )
        ((count,),) = self.rows(f"SELECT count(*) FROM register WHERE {formulas}")
        if count:
            raise BadInput("cell_formula", _place_of_formula(source, header))

    def _cleaned(self, name: str) -> str:
        cell = self.quoted(name)
        # Taking off every white space of Unicode is slow, so only cells that begin or end with one, or might.
        bare = f"{cell}[1] BETWEEN '!' AND '~' AND {cell}[-1] BETWEEN '!' AND '~'"
        trimmed = f"CASE WHEN {bare} THEN {cell} ELSE trim({cell}, {self.literal(_WHITE)}) END"
        text = f"coalesce(nfc_normalize({trimmed}), '')"
        # ="007", with which some exports keep leading zeros
        unquoted = f"regexp_replace({text}, '^=\"([^\"]*)\"$', '\\1')"
        return f"CASE WHEN {cell}[1] = '=' THEN {unquoted} ELSE {text} END"

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        if not self._sha256:
            with self.path.open("rb") as content:
                self._sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        return self._sha256

    @property
    def register(self) -> str:
        """The file."""
        return self._name

    def rows(
        self, query: str, given: Mapping[str, tuple[Columns, Sequence[Sequence[Any]]]] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        tables, values = [], []
        for name, (columns, rows) in (given or {}).items():
            names = ", ".join(self.quoted(column) for column, _ in columns)
            kinds = ("VARCHAR[]" if kind == "text" else "BIGINT[]" for _, kind in columns)
            lists = ", ".join(f"unnest(CAST(? AS {kind}))" for kind in kinds)
            tables.append(f"{name}({names}) AS MATERIALIZED (SELECT {lists})")
            values += [[row[place] for row in rows] for place in range(len(columns))]
        start = f"WITH {', '.join(tables)} " if tables else ""
        try:
            return self._connection.execute(start + query, values).fetchall()
        except self._error as error:
            detail = str(error).splitlines()[0].replace(str(self.path), self.path.name)
            raise BadInput(
                "engine_refused", Place(self.path.name), engine="DuckDB", detail=detail
            ) from error

    def stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        with self._connection.cursor() as cursor:  # so that another query may be asked meanwhile
            found = cursor.execute(query)
            while batch := found.fetchmany(BATCH):
                yield from batch

    def key(self, prefix: str, name: str) -> str:
        """Return the key of a name, in hexadecimal digits."""
        return f"sha256({self.literal(prefix)} || {name})"

    def hmac(self, inner: bytes, outer: bytes, name: str) -> str:
        """Return an HMAC, in hexadecimal digits."""
        return f"sha256({_blob(outer)} || unhex(sha256({_blob(inner)} || encode({name}))))"


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as content:
            return content.read(4) == b"PAR1"
    except OSError:
        return False  # open_source says what is wrong


def _place_of_formula(source: Source, header: Sequence[str]) -> Place:
    """Return where the first formula of a file stands; the table keeps no order, so the file is read once more."""
    for first, rows in source.batches():
        for number, row in enumerate(rows, start=first):
            cells = zip(header, row, strict=False) if number > 1 else ()
            if name := next((name for name, cell in cells if is_formula(cell.strip())), None):
                return Place(source.name, row=number, column=name)
    return Place(source.name)


def _rewritten(source: Source, path: Path) -> Path:
    """Return the same rows in a file that the engine reads by itself."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for _, rows in source.batches():
            writer.writerows(rows)
    return path


def _blob(content: bytes) -> str:
    return f"unhex('{content.hex()}')"


class PostgreSQL(Engine):
    """A table or view of a PostgreSQL server (11 or newer), read in one read-only transaction.

    Parameters
    ----------
    url
        The address of the database, `postgresql://user@host/database`.
    table
        Its name, with the schema before it where it needs one: `population.residents`.

    Raises
    ------
    BadInput
        `engine_missing` without the extra `isegoria[postgresql]`, `engine_refused`.
    """

    text_type = "TEXT"

    def __init__(self, url: str, table: str) -> None:
        try:
            import psycopg  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise BadInput("engine_missing", engine="PostgreSQL", extra="postgresql") from error
        super().__init__()
        self.table = ".".join(self.quoted(part) for part in table.split("."))
        self._error = psycopg.Error
        try:
            self._connection: psycopg.Connection[tuple[Any, ...]] = self._closing.enter_context(
                psycopg.connect(url)
            )
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
            found = self._connection.execute(f"SELECT * FROM {self.table} LIMIT 0").description  # quoted
        except psycopg.Error as error:
            self.close()
            raise self._refusal(error) from error
        self.columns = tuple(column.name for column in found or ())

    @property
    def register(self) -> str:
        """The table."""
        return self.table

    def _refusal(self, error: Exception) -> BadInput:
        lines = str(error).splitlines() or [type(error).__name__]
        return BadInput("engine_refused", engine="PostgreSQL", detail=lines[0].rstrip("."))

    def rows(
        self, query: str, given: Mapping[str, tuple[Columns, Sequence[Sequence[Any]]]] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        tables, values = [], []
        for name, (columns, rows) in (given or {}).items():
            names = ", ".join(self.quoted(column) for column, _ in columns)
            lists = ", ".join("%s::text[]" if kind == "text" else "%s::bigint[]" for _, kind in columns)
            tables.append(f"{name}({names}) AS MATERIALIZED (SELECT * FROM unnest({lists}))")
            values += [[row[place] for row in rows] for place in range(len(columns))]
        # A per cent sign in a name of a column would look like a place for a value.
        body = query.replace("%", "%%") if values else query
        start = f"WITH {', '.join(tables)} " if tables else ""
        try:
            return self._connection.execute((start + body).encode(), values or None).fetchall()
        except self._error as error:
            raise self._refusal(error) from error

    def stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        with self._connection.cursor(name="isegoria_rows") as cursor:
            cursor.itersize = BATCH
            cursor.execute(query.encode())
            yield from cursor

    def key(self, prefix: str, name: str) -> str:
        """Return the key of a name, as bytes."""
        return f"sha256(convert_to({self.literal(prefix)} || {name}, 'UTF8'))"

    def shown(self, key: str) -> str:
        """Return a key in hexadecimal digits."""
        return f"encode({key}, 'hex')"

    def sortable(self, digits: str) -> str:
        """Return hexadecimal digits as bytes."""
        return f"decode({digits}, 'hex')"

    def hmac(self, inner: bytes, outer: bytes, name: str) -> str:
        """Return an HMAC, in hexadecimal digits."""
        first = f"sha256(decode('{inner.hex()}', 'hex') || convert_to({name}, 'UTF8'))"
        return f"encode(sha256(decode('{outer.hex()}', 'hex') || {first}), 'hex')"


class Spark(Engine):
    """A Parquet data set or a table that a Spark session knows.

    Parameters
    ----------
    source
        A path that ends in `.parquet` (a file or a folder), or the name of a table.
    session
        A running session; without one a local one is started and stopped.

    Raises
    ------
    BadInput
        `engine_missing` without the extra `isegoria[spark]`, `engine_refused`.
    """

    text_type = "STRING"

    def __init__(self, source: Path | str, *, session: SparkSession | None = None) -> None:
        try:
            from pyspark.errors import PySparkException  # noqa: PLC0415  # an extra
            from pyspark.sql import SparkSession  # noqa: PLC0415
        except ImportError as error:
            raise BadInput("engine_missing", engine="Spark", extra="spark") from error
        super().__init__()
        self._error = PySparkException
        if session is None:
            session = _local_session(SparkSession)
            self._closing.callback(session.stop)
        self._session = session
        try:
            is_path = str(source).endswith(".parquet")
            frame = session.read.parquet(str(source)) if is_path else session.table(str(source))
            frame.createOrReplaceTempView("isegoria_register")
        except PySparkException as error:
            self.close()
            raise self._refusal(error) from error
        self.columns = tuple(frame.columns)

    @property
    def register(self) -> str:
        """The view."""
        return "isegoria_register"

    def _refusal(self, error: Exception) -> BadInput:
        lines = str(error).splitlines() or [type(error).__name__]
        return BadInput("engine_refused", engine="Spark", detail=lines[0].rstrip("."))

    def rows(
        self, query: str, given: Mapping[str, tuple[Columns, Sequence[Sequence[Any]]]] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            for name, (columns, rows) in (given or {}).items():
                kinds = ", ".join(
                    f"{column} {'string' if kind == 'text' else 'bigint'}" for column, kind in columns
                )
                made = self._session.createDataFrame([tuple(row) for row in rows], kinds)
                made.createOrReplaceTempView(name)
            return [tuple(row) for row in self._session.sql(query).collect()]
        except self._error as error:
            raise self._refusal(error) from error

    def stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        return (tuple(row) for row in self._session.sql(query).toLocalIterator())

    def quoted(self, name: str) -> str:
        """Return a name of a column between back quotes."""
        return "`" + name.replace("`", "``") + "`"

    def literal(self, text: str) -> str:
        """Return a text between quotes, its backslashes doubled."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def key(self, prefix: str, name: str) -> str:
        """Return the key of a name, in hexadecimal digits."""
        return f"sha2(concat({self.literal(prefix)}, {name}), 256)"

    def hmac(self, inner: bytes, outer: bytes, name: str) -> str:
        """Return an HMAC, in hexadecimal digits."""
        first = f"unhex(sha2(concat(X'{inner.hex()}', encode({name}, 'UTF-8')), 256))"
        return f"sha2(concat(X'{outer.hex()}', {first}), 256)"


def _local_session(kind: type[SparkSession]) -> SparkSession:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "8",
        "spark.log.level": "ERROR",
    }
    builder = kind.builder.master("local[*]").appName("isegoria")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
