"""Benchmarks: published instances, peers' results, and a referee for every plan."""

from fieldops.bench.rows import COLUMNS
from fieldops.bench.run import SUITES, BenchOptions, run_bench
from fieldops.bench.solvers import SOLVERS

__all__ = ["COLUMNS", "SOLVERS", "SUITES", "BenchOptions", "run_bench"]
