"""What a solver instance must satisfy; every fault is found in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fieldops.errors import Fault
    from fieldops.solver.instance import Instance


def instance_faults(instance: Instance) -> list[Fault]:
    """List everything that is wrong with an instance; empty when nothing is."""
    raise NotImplementedError
