"""``fieldops bench``."""

from pathlib import Path
from typing import Annotated

import typer

from fieldops.bench import BenchOptions, run_bench
from fieldops.cli.console import out
from fieldops.cli.outputs import file_faults
from fieldops.errors import InvalidInput


def bench(
    suite: Annotated[str, typer.Option(metavar="NAME", help="solomon, homberger or city.")],
    instances: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the instances.")],
    out_path: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="Where to write a row per solve.")],
    only: Annotated[str | None, typer.Option(metavar="GLOB", help="Pattern of instance names.")] = None,
    solver: Annotated[str, typer.Option(metavar="NAME", help="Which solver.")] = "fieldops",
    seconds: Annotated[float, typer.Option(help="Time of one solve.")] = 5.0,
    threads: Annotated[int, typer.Option(help="Threads of one solve.")] = 1,
    seeds: Annotated[int, typer.Option(help="How many seeds, from 0 on.")] = 1,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write the summary. [default: beside --out]")
    ] = None,
) -> None:
    """
    Run a benchmark suite; every solution is refereed.

    The exit code is 1 when a row is not feasible, and 130 after Ctrl-C, with the rows so far written.
    """
    outputs = {"--out": out_path, "--markdown": markdown}
    faults = [
        fault for option, path in outputs.items() if path for fault in file_faults(option, path, makes_folders=True)
    ]
    if faults:
        raise InvalidInput(faults)
    options = BenchOptions(
        suite=suite,
        instances=instances,
        out=out_path,
        markdown=markdown,
        solver=solver,
        only=only,
        seconds=seconds,
        threads=threads,
        seeds=seeds,
    )
    raise typer.Exit(run_bench(options, out()))
