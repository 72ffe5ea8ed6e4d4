"""Travel matrices in files: ``.npz`` with arrays, or ``.csv`` with a line per pair of places."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, InvalidInput
from fieldops.files.reading import unusable
from fieldops.files.tables import Row, read_table

IntArray = NDArray[np.int32]

#: Largest arrays read, bytes, unpacked; 2,000 places take 32 million.
MAX_ARRAY_BYTES: Final = 512 * 2**20
#: Most lines of a CSV matrix; larger ones are better kept as arrays.
MAX_PAIRS: Final = 600_000
#: Largest seconds or meters of one trip; sums of such stay within 32 bits in the solver.
MAX_CELL: Final = 2**29
#: Most faults reported of one kind; a matrix has millions of cells, and they tend to be wrong in the same way.
MOST_FAULTS: Final = 100
_ARRAYS: Final = ("duration_s", "distance_m")


def load_matrix(path: Path, place_ids: Sequence[str]) -> tuple[IntArray, IntArray]:
    """
    Read travel times and distances between all places of a problem.

    Parameters
    ----------
    path
        A ``.npz`` file with the arrays ``place_ids`` (text, shape ``(L,)``), ``duration_s`` and ``distance_m`` (whole
        numbers, shape ``(L, L)``, from row to column), or a ``.csv`` file with the columns
        ``from,to,duration_s,distance_m`` and a line for every ordered pair of different places (16 MiB at most, which
        is enough for some 700 places). Fractions are rounded.
    place_ids
        Ids of the problem's places.

    Returns
    -------
    tuple[IntArray, IntArray]
        Seconds and meters, int32, shape ``(L, L)``, in the order of `place_ids`.

    Raises
    ------
    InvalidInput
        With every fault; of faulty cells the first hundred of a kind and the number of the rest.
    """
    if path.suffix == ".npz":
        return _load_npz(path, place_ids)
    if path.suffix == ".csv":
        return _load_csv(path, place_ids)
    raise unusable(path, f"a file name ending in {path.suffix!r}", "a matrix file ending in .npz or .csv")


def _load_npz(path: Path, place_ids: Sequence[str]) -> tuple[IntArray, IntArray]:
    arrays = _read_arrays(path)
    faults = [
        Fault(path=f"{path.name}:{name}", found="nothing", expected=f"an array {name}")
        for name in ("place_ids", *_ARRAYS)
        if name not in arrays
    ]
    if faults:
        raise InvalidInput(faults)
    ids = arrays["place_ids"]
    if ids.ndim != 1 or ids.dtype.kind != "U":
        faults.append(_array_fault(path, "place_ids", ids, "a list of texts"))
        raise InvalidInput(faults)
    names = [str(name) for name in ids]
    faults += _place_faults(path.name, names, place_ids)
    size = len(names)
    for name in _ARRAYS:
        array = arrays[name]
        if array.shape != (size, size):
            faults.append(_array_fault(path, name, array, f"shape ({size}, {size}), one row and column per place id"))
        elif array.dtype.kind not in "iuf":
            faults.append(_array_fault(path, name, array, "numbers"))
        else:
            faults += _first(_cell_faults(f"{path.name}:{name}", array))
    if faults:
        raise InvalidInput(faults)
    position = {name: i for i, name in enumerate(names)}
    order = np.array([position[name] for name in place_ids], dtype=np.intp)
    duration, distance = (np.rint(arrays[name]).astype(np.int32)[np.ix_(order, order)] for name in _ARRAYS)
    return duration, distance


def _read_arrays(path: Path) -> Mapping[str, NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_ARRAY_BYTES:
                raise unusable(path, "arrays too large", f"at most {MAX_ARRAY_BYTES:,} bytes")
        with np.load(path, allow_pickle=False) as stored:
            return {name: np.asarray(stored[name]) for name in ("place_ids", *_ARRAYS) if name in stored.files}
    except OSError as error:
        raise unusable(path, f"a file that cannot be read ({error.strerror or error})", "a readable file") from error
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise unusable(path, "a file that is no .npz archive of plain arrays", "a .npz archive") from error


def _array_fault(path: Path, name: str, array: NDArray[np.generic], expected: str) -> Fault:
    return Fault(path=f"{path.name}:{name}", found=f"shape {array.shape} of {array.dtype}", expected=expected)


def _place_faults(name: str, found: Sequence[str], wanted: Sequence[str]) -> Iterator[Fault]:
    known, present = frozenset(wanted), frozenset(found)
    seen: set[str] = set()
    for place in found:
        if place in seen:
            yield Fault(path=f"{name}:place_ids", found=f"{place!r} twice", expected="every place once")
        elif place not in known:
            yield Fault(path=f"{name}:place_ids", found=repr(place), expected="only places of the problem")
        seen.add(place)
    for place in wanted:
        if place not in present:
            yield Fault(path=f"{name}:place_ids", found="nothing", expected=f"the place {place!r}")


def _cell_faults(path: str, array: NDArray[np.generic]) -> Iterator[Fault]:
    values = array.astype(np.float64)
    good = (values >= 0) & (values <= MAX_CELL)
    for i, j in np.argwhere(~good):
        yield Fault(path=f"{path}[{i}, {j}]", found=str(array[i, j]), expected=f"a number from 0 to {MAX_CELL}")


def _first(faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield the first hundred faults, and one that counts the rest."""
    yield from islice(faults, MOST_FAULTS)
    last = next(faults, None)
    if last is not None:
        rest = 1 + sum(1 for _ in faults)
        yield Fault(path=last.path, found=f"{last.found}, and {rest - 1} more like it", expected=last.expected)


def _load_csv(path: Path, place_ids: Sequence[str]) -> tuple[IntArray, IntArray]:
    table = read_table(path, MAX_PAIRS)
    faults = [
        Fault(path=f"{path.name}:1:{column}", found="nothing", expected=f"a column {column}")
        for column in ("from", "to", *_ARRAYS)
        if column not in table.columns
    ]
    if faults:
        raise InvalidInput(faults)
    size = len(place_ids)
    position = {name: i for i, name in enumerate(place_ids)}
    cells = np.full((2, size, size), -1, dtype=np.int32)
    cells[:, range(size), range(size)] = 0
    faults += table.faults
    faults += _first(_read_pairs(path.name, table.rows, position, cells))
    # Pairs on lines with faults are said to be missing as well only when no line had any.
    if not faults:
        faults += _first(
            Fault(path=path.name, found="nothing", expected=f"a line from {place_ids[i]!r} to {place_ids[j]!r}")
            for i, j in np.argwhere(cells[0] < 0)
        )
    if faults:
        raise InvalidInput(faults)
    return cells[0], cells[1]


def _read_pairs(name: str, rows: Sequence[Row], position: Mapping[str, int], cells: IntArray) -> Iterator[Fault]:
    """Write the pairs into `cells` and yield what is wrong with them."""
    first_line: dict[tuple[int, int], int] = {}
    for row in rows:
        start, stop = (position.get(row.cells[end]) for end in ("from", "to"))
        for end, place in (("from", start), ("to", stop)):
            if place is None:
                found = shown(row.cells[end])
                yield Fault(path=f"{name}:{row.line}:{end}", found=found, expected="a place of the problem")
        values = [_number(row.cells[column]) for column in _ARRAYS]
        for column, value in zip(_ARRAYS, values, strict=True):
            if value is None:
                expected = f"a number from 0 to {MAX_CELL}"
                yield Fault(path=f"{name}:{row.line}:{column}", found=shown(row.cells[column]), expected=expected)
        numbers = [value for value in values if value is not None]
        if start is None or stop is None or len(numbers) < len(values):
            continue
        if (start, stop) in first_line:
            expected = f"every pair once; line {first_line[start, stop]} has it too"
            yield Fault(path=f"{name}:{row.line}", found="a pair given before", expected=expected)
        first_line[start, stop] = row.line
        cells[:, start, stop] = numbers


def _number(text: str) -> int | None:
    """Read a number of an acceptable size, rounded to a whole one, or give None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return round(value) if 0 <= value <= MAX_CELL else None
