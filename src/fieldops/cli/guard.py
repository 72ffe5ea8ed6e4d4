"""What a command does when it fails: a message and an exit code, never a traceback."""

import errno
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import typer

from fieldops.cli.console import show_error, show_faults
from fieldops.errors import FieldopsError, InvalidInput, Unavailable

#: Exit codes; they are explained in `fieldops.cli`.
ANSWER_IS_BAD: Final = 1
INVALID_INPUT: Final = 2
UNAVAILABLE: Final = 3
INTERRUPTED: Final = 130

Parameters = ParamSpec("Parameters")


def guarded(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Make a command show its errors and end with the exit code they mean."""

    @wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InvalidInput as error:
            show_faults(error)
            raise typer.Exit(INVALID_INPUT) from error
        except FieldopsError as error:
            show_error(error)
            raise typer.Exit(UNAVAILABLE if isinstance(error, Unavailable) else ANSWER_IS_BAD) from error
        except KeyboardInterrupt as error:
            show_error("interrupted before there was anything to keep")
            raise typer.Exit(INTERRUPTED) from error
        except OSError as error:
            # A reader that has seen enough (``| head``) is no failure.
            if error.errno == errno.EPIPE:
                raise
            show_error(str(error))
            raise typer.Exit(ANSWER_IS_BAD) from error

    return run
