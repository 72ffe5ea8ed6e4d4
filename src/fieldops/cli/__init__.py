"""
The command line: ``fieldops plan``, ``validate``, ``check``, ``show``, ``import``, ``travel fit`` and ``bench``.

Every command is a page of its own; what goes wrong is shown, never as a traceback. Exit codes:

===  ==========================================================================================================
0    done; also when Ctrl-C ended a search early, as the best plan so far was kept
1    done, and the answer is bad: `check` found violations, `bench` an infeasible row; or fieldops itself failed
2    the input has faults, all of them listed; nothing was written
3    something outside (an OSRM server) did not answer
130  Ctrl-C before there was anything to keep
===  ==========================================================================================================
"""

from fieldops.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point of the package."""
    app()
