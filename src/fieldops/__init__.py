"""Field-service scheduling and dispatch: narrow appointment windows, kept."""

from importlib.metadata import version

__version__ = version("fieldops")

__all__ = ["__version__"]
