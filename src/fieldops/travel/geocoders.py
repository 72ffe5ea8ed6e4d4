"""Geocoders: a table of known addresses, and every geocoding service that geopy speaks to."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fieldops import __version__
from fieldops.domain.spelling import address_key
from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, GeocoderUnavailable, InvalidInput
from fieldops.travel.geocoding import Located

#: Name of the geocoder that needs no network: what it does not know today it may know tomorrow, so nothing is cached.
TABLE: Final = "table"
#: How long a geocoding service may take to answer, seconds, unless the options say otherwise.
TIMEOUT_S: Final = 5.0


class TableGeocoder:
    """
    A geocoder that knows a table of addresses, and nothing else.

    Parameters
    ----------
    rows
        Address, latitude and longitude in degrees. An address that comes with two places is not known: choosing one
        would be a guess.
    """

    name = TABLE

    def __init__(self, rows: Iterable[tuple[str, float, float]]) -> None:
        self._places: dict[str, Located | None] = {}
        for address, latitude, longitude in rows:
            key = address_key(address)
            located = Located(address=address, latitude=latitude, longitude=longitude)
            before = self._places.get(key, located)
            agrees = before is not None and (before.latitude, before.longitude) == (latitude, longitude)
            self._places[key] = before if agrees else None

    def locate(self, address: str) -> Located | None:
        """Find an address, in whatever spelling; see `fieldops.domain.spelling.address_key`."""
        return self._places.get(address_key(address))


class GeopyGeocoder:
    """
    A geocoding service, through geopy.

    Parameters
    ----------
    name
        As geopy calls the service: ``nominatim``, ``photon``, ``opencage``, ``googlev3``, ...
    options
        Keyword arguments of that geocoder, such as ``api_key`` or ``domain``; those of the constructor only. Without
        ``timeout`` and ``user_agent`` it waits five seconds and says it is fieldops.

    Raises
    ------
    InvalidInput
        When geopy has no such geocoder, or it does not take these options.
    """

    def __init__(self, name: str, options: Mapping[str, object] | None = None) -> None:
        self.name = name.lower()
        self._service = _service(self.name, dict(options or {}))

    def locate(self, address: str) -> Located | None:
        """Ask the service; see `fieldops.travel.geocoding.Geocoder.locate`."""
        from geopy.exc import GeopyError

        try:
            found = self._service.geocode(address)
        except (GeopyError, OSError) as error:
            # Not the error's own text: it quotes the request, in which many services want the key.
            raise _unavailable(self.name, type(error).__name__) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # Not geopy's own words: it stumbled over an answer of another shape than the service promises.
            raise _unavailable(self.name, "its answer cannot be understood") from error
        if found is None:
            return None
        latitude, longitude = float(found.latitude), float(found.longitude)
        if latitude == longitude == 0:
            # What geopy makes of an answer without coordinates; at the real place there is only water.
            raise _unavailable(self.name, "its answer has no coordinates")
        return Located(address=found.address, latitude=latitude, longitude=longitude)


def _service(name: str, options: dict[str, object]) -> Any:
    """Make geopy's geocoder; imported late, since most installations do not need it."""
    from geopy.exc import GeopyError
    from geopy.geocoders import SERVICE_TO_GEOCODER

    known = {service: made for service, made in SERVICE_TO_GEOCODER.items() if hasattr(made, "geocode")}
    if name not in known:
        expected = f"{TABLE}, or one of geopy's geocoders: {', '.join(sorted(known))}"
        raise InvalidInput([Fault(path="geocoder", found=shown(name), expected=expected)])
    takes = set(inspect.signature(known[name]).parameters) - {"adapter_factory", "ssl_context"}
    faults = [
        Fault(path="geocoder_options", found=shown(option), expected=f"only {', '.join(sorted(takes))}")
        for option in options
        if option not in takes
    ]
    if faults:
        raise InvalidInput(faults)
    defaults: dict[str, object] = {"timeout": TIMEOUT_S, "user_agent": f"fieldops/{__version__}"}
    try:
        return known[name](**{**{key: value for key, value in defaults.items() if key in takes}, **options})
    except (GeopyError, TypeError, ValueError) as error:
        fault = Fault(path="geocoder_options", found=", ".join(sorted(options)) or "none", expected=str(error))
        raise InvalidInput([fault]) from error


def _unavailable(name: str, why: str) -> GeocoderUnavailable:
    """Say which geocoder did not answer, and why."""
    return GeocoderUnavailable(f"the geocoder {name} did not answer: {why}", details={"geocoder": name})
