"""Where the built web front end is."""

from pathlib import Path


def web_folder() -> Path:
    """Return the folder of the built pages: beside the installed package, or in the working copy; maybe not there."""
    package = Path(__file__).parents[1]
    installed = package / "web"
    return installed if (installed / "board.html").exists() else package.parents[1] / "web" / "dist"
