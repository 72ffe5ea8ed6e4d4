"""Where the sample city is."""

from pathlib import Path


def sample_city_path() -> Path:
    """Return the problem document of the sample city's day: beside the installed package, or in the working copy."""
    return _path("day.json")


def sample_services_path() -> Path:
    """Return what the sample city offers on its booking page: a list of services as the API takes them."""
    return _path("services.json")


def _path(name: str) -> Path:
    package = Path(__file__).parents[1]
    installed = package / "sample_city" / name
    return installed if installed.exists() else package.parents[1] / "data" / "sample-city" / name
