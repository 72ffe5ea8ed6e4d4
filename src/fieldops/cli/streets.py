"""``fieldops streets``."""

from pathlib import Path
from typing import Annotated

import typer

from fieldops.cli.connections import DatabaseUrl, connected, require_tables
from fieldops.cli.console import out, plain


def import_file(
    territory: Annotated[str, typer.Argument(help="Id of the territory.")],
    file: Annotated[Path, typer.Argument(metavar="STREETS.geojson", help="Lines with a property highway.")],
    attribution: Annotated[str, typer.Option(help="Whom maps name as the source of the streets.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """
    Import the streets that the maps of a territory show.

    Of the lines near the territory's places the 40,000 most important ones are kept, simplified. Exports of
    OpenStreetMap (property highway or fclass) and of the Census Bureau's TIGER/Line files (MTFCC) are understood.
    """
    from fieldops.files.street_json import load_streets
    from fieldops.usecases.actor import SYSTEM
    from fieldops.usecases.basemaps import import_streets
    from fieldops.usecases.work import transact

    streets = load_streets(file)
    with connected(database_url) as ctx:
        require_tables(ctx)
        found = transact(ctx, SYSTEM, import_streets, territory, streets, attribution)
    size = f"{len(found.content) / 1_000:,.0f} kB compressed"
    out().print(plain(f"{found.lines:,} of {len(streets):,} lines are the ground of its maps, {size}."))
