"""``fieldops import``."""

from pathlib import Path
from typing import Annotated

import typer

from fieldops.cli.console import out, plain
from fieldops.cli.outputs import folder_faults
from fieldops.errors import Fault, InvalidInput
from fieldops.files.csv_import import import_problem
from fieldops.files.import_mapping import ImportMapping, read_mapping, with_columns
from fieldops.files.problem_json import dump_problem
from fieldops.report.wording import count_words


def import_tables(
    visits: Annotated[Path, typer.Argument(metavar="VISITS.csv", help="One record a visit.")],
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; made if needed.")],
    mapping_path: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="How the tables are to be understood (TOML or JSON)."),
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="Name a column of the visits (or technicians.FIELD=COLUMN)."
        ),
    ] = None,
    technicians: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="One record a technician.")] = None,
    num_technicians: Annotated[
        int | None, typer.Option(metavar="N", help="Make up N technicians who can do everything.")
    ] = None,
    shifts: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="One record a shift. [default: the mapping's usual day]")
    ] = None,
    office: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="Where days start and end. [default: amid the visits]")
    ] = None,
    split_by_day: Annotated[bool, typer.Option("--split-by-day", help="Write a problem for each day.")] = False,
) -> None:
    """
    Make problem documents of tables.

    Every faulty cell of every record is reported, and nothing is written when there is one. The files are named after
    their first day.
    """
    faults = list(folder_faults("--out", folder))
    coordinates = None if office is None else _coordinates(office)
    if office is not None and coordinates is None:
        expected = "latitude,longitude in degrees, such as 38.9,-77.03"
        faults.append(Fault(path="--office", found=office, expected=expected))
    if faults:
        raise InvalidInput(faults)
    mapping = ImportMapping() if mapping_path is None else read_mapping(mapping_path)
    problems = import_problem(
        visits,
        technicians,
        shifts,
        with_columns(mapping, pairs or ()),
        split_by_day=split_by_day,
        num_technicians=num_technicians,
        office=coordinates,
    )
    folder.mkdir(parents=True, exist_ok=True)
    for problem in problems:
        dump_problem(problem, folder / f"{problem.first_date}.json")
    num_visits = sum(len(problem.visits) for problem in problems)
    files = folder / (f"{problems[0].first_date}.json" if len(problems) == 1 else "*.json")
    text = f"{count_words(num_visits, 'visit')} in {count_words(len(problems), 'problem')} -> {files}"
    out().print(plain(text), soft_wrap=True)


def _coordinates(text: str) -> tuple[float, float] | None:
    """Read latitude and longitude; None when the text is something else."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return latitude, longitude
