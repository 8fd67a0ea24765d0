"""The site: an ordinary Django project around the library."""

import os
import sys

# Several processes share the processors: on the small matrices of opinion maps, a second thread of numpy costs
# twice the time, and more beside other work. It counts when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A database with several processes in WAL mode needs the WAL-reset fix (SQLite 3.51.3), which the SQLite
# of most distributions lacks. The wheel brings its own; the alias must stand before Django loads.
try:
    import pysqlite3
except ImportError:  # `isegoria doctor` and the system check name the version that is used instead
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
