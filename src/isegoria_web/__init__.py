"""The site: an ordinary Django project around the library."""

import sys

# A database with several processes in WAL mode needs the WAL-reset fix (SQLite 3.51.3), which the SQLite
# of most distributions lacks. The wheel brings its own; the alias must stand before Django loads.
try:
    import pysqlite3
except ImportError:  # `isegoria doctor` and the system check name the version that is used instead
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
