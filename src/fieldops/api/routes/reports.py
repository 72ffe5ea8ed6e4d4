"""Reports: how days went, how the work behind the service stands, how good the solver is."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from fieldops.api.dependencies import Ctx, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.reports import (
    BenchmarkRunSchema,
    BenchmarksSchema,
    BenchmarkTableSchema,
    BinSchema,
    DayFiguresSchema,
    OperationsSchema,
    QueueSchema,
    QueuesSchema,
    TypeFiguresSchema,
)
from fieldops.api.tables import CSV_RESPONSE, Format, columns_of, csv_response
from fieldops.errors import NotFound
from fieldops.files.benchmark_results import benchmark_folder, load_benchmarks
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.report_operations import report_operations
from fieldops.usecases.report_queues import report_queues
from fieldops.usecases.work import view

router = APIRouter(prefix="/reports", tags=["reports"])
Reader = Annotated[Actor, needs(Scope.PLANS_READ)]
As = Annotated[Format, Query(alias="format", description="`csv`: one table, for spreadsheets.")]
Table = Literal["days", "histogram", "types"]


@router.get(
    "/operations",
    operation_id="report_operations",
    summary="How a territory's days went",
    response_model=OperationsSchema,
    responses={**CSV_RESPONSE, **problems(NotFound)},
)
def operations(
    ctx: Ctx,
    actor: Reader,
    territory_id: Annotated[str, Query(max_length=64, examples=["te_7h3k9c2m4p6r8t0w"])],
    first_date: Annotated[Day, Query(description="Local date of the territory.")],
    last_date: Annotated[Day, Query(description="The last one that counts; at most 92 days in all.")],
    wanted: As = "json",
    table: Annotated[Table, Query(description="Which one, as `csv`; the days end with the total.")] = "days",
) -> OperationsSchema | Response:
    """
    Sum up the days of a territory, one by one and all together.

    Promises kept, starts against their windows, overtime, travel, replans and what they moved, messages, surveys, and
    by type of visit how arrivals, services and travel differ from the plan.
    """
    report = OperationsSchema.model_validate(view(ctx, actor, report_operations, territory_id, first_date, last_date))
    if wanted == "json":
        return report
    name = f"{table}-{first_date}-{last_date}"
    match table:
        case "days":
            return csv_response(name, columns_of(DayFiguresSchema), [*report.days, report.total])
        case "types":
            return csv_response(name, columns_of(TypeFiguresSchema), report.types)
        case "histogram":
            return csv_response(name, columns_of(BinSchema), report.histogram)


@router.get(
    "/queues",
    operation_id="report_queues",
    summary="How the work behind the service stands",
    response_model=QueuesSchema,
    responses=CSV_RESPONSE,
)
def queues(ctx: Ctx, actor: Reader, wanted: As = "json") -> QueuesSchema | Response:
    """Show what is waiting, running and failed of late, how the last night went, which workers are alive."""
    report = QueuesSchema.model_validate(view(ctx, actor, report_queues))
    return report if wanted == "json" else csv_response("queues", columns_of(QueueSchema), report.queues)


@router.get(
    "/benchmarks",
    operation_id="report_benchmarks",
    summary="How good the solver is",
    response_model=BenchmarksSchema,
    responses=CSV_RESPONSE,
)
def benchmarks(actor: Reader, wanted: As = "json") -> BenchmarksSchema | Response:  # noqa: ARG001
    """Show the published results of the solver, as they come with this version."""
    tables = [BenchmarkTableSchema.model_validate(table) for table in load_benchmarks(benchmark_folder())]
    if wanted == "json":
        return BenchmarksSchema(tables=tables)
    runs = (run for table in tables for run in table.runs)
    return csv_response("benchmarks", columns_of(BenchmarkRunSchema), runs)
