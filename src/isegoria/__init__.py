"""Isegoria: fair lotteries, public proof and the arithmetic of permanent citizens' panels.

The library is pure: it reads files and values and returns values. It knows no web framework, no
database and no settings, so that a stranger who wants to redo a draw installs just this.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("isegoria")
except PackageNotFoundError:  # a source tree that nobody installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
