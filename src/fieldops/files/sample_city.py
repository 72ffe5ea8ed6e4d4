"""Where the sample city is."""

from pathlib import Path


def sample_city_path() -> Path:
    """Return the problem document of the sample city's day: beside the installed package, or in the working copy."""
    package = Path(__file__).parents[1]
    installed = package / "sample_city" / "day.json"
    return installed if installed.exists() else package.parents[1] / "data" / "sample-city" / "day.json"
