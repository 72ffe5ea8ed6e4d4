"""``fieldops travel fit``."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fieldops.cli.console import out, plain
from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import Fault, InvalidInput
from fieldops.files.place_table import load_places
from fieldops.files.problem_json import load_problem
from fieldops.report.wording import percent_words
from fieldops.travel.fit import Accuracy, TravelFit
from fieldops.usecases.fit_travel import MAX_PLACES, fit_travel
from fieldops.wiring import travel_provider


def fit(
    source: Annotated[
        Path,
        typer.Argument(metavar="PROBLEM|PLACES.csv", help="Problem document, or a table with latitude, longitude."),
    ],
    osrm: Annotated[str | None, typer.Option(metavar="URL", help="OSRM server that knows the roads.")] = None,
    matrix: Annotated[Path | None, typer.Option(metavar="FILE", help="Matrix file (.csv or .npz) that does.")] = None,
    max_places: Annotated[int, typer.Option(min=2, help="Most places asked for.")] = MAX_PLACES,
) -> None:
    """
    Fit the travel formula to a road engine's answers between your own places.

    Prints the parameters to paste into "travel" of a problem, and how close they are to the roads.
    """
    if (osrm is None) == (matrix is None):
        found = "neither" if osrm is None else "both"
        raise InvalidInput([Fault(path="--osrm, --matrix", found=found, expected="one of them")])
    roads = TravelSource(kind="osrm", url=osrm) if matrix is None else _matrix_source(matrix)
    places, before = _places(source)
    _show(fit_travel(places, travel_provider(roads, base_dir=Path()), before=before, max_places=max_places))


def _matrix_source(path: Path) -> TravelSource:
    """Name a matrix file as the source of travel times."""
    return TravelSource(kind="matrix", matrix_path=str(path))


def _places(source: Path) -> tuple[tuple[Place, ...], TravelSource | None]:
    """Read the places and, from a problem, the parameters it uses."""
    if source.suffix == ".csv":
        return load_places(source), None
    problem = load_problem(source)
    return problem.places, problem.travel


def _show(fitted: TravelFit) -> None:
    """Print how close old and new parameters are, and the new ones as a problem has them."""
    console = out()
    table = Table(title=f"{fitted.places:,} places, {fitted.pairs:,} trips")
    table.add_column("")
    for header in ("typical factor", "MAPE", "total"):
        table.add_column(header, justify="right")
    for name, accuracy in (
        ("durations, before", fitted.duration_before),
        ("durations, fitted", fitted.duration_after),
        ("distances, before", fitted.distance_before),
        ("distances, fitted", fitted.distance_after),
    ):
        table.add_row(name, *_cells(accuracy))
    console.print(table)
    if fitted.farthest_snap_m is not None:
        console.print(plain(f"farthest place from its road: {fitted.farthest_snap_m:,} m"))
    after = fitted.after
    parameters = {
        "kind": "geodesic",
        "coefficient_s": after.coefficient_s,
        "exponent": after.exponent,
        "detour": after.detour,
    }
    console.print(plain(f'"travel": {json.dumps(parameters)}'), soft_wrap=True)


def _cells(accuracy: Accuracy) -> tuple[str, str, str]:
    """Say one accuracy in the cells of its line."""
    return f"{accuracy.typical_factor:.2f}", percent_words(accuracy.mape), f"{accuracy.total_ratio:.2f}"
