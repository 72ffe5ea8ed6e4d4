"""Which addresses others may make us call: none of this machine, this network or the neighborhood."""

import ipaddress
import socket
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Carries an IPv4 address in its last four bytes (RFC 6052).
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
#: Never public, whatever the standard library of the day says: the old IPv4-compatible and site-local addresses, and
#: those that a network translates as it likes (RFC 8215).
_NEVER_PUBLIC: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "fec0::/10", "64:ff9b:1::/48")))


class NotPublic(Exception):
    """A host has no address that may be called from here."""


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the open internet, looking through addresses that carry another one."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return is_public(carried)
        if any(address in network for network in _NEVER_PUBLIC):
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, *, allow_private: bool) -> Address:
    """
    Look a host up and return the address to connect to; whoever looks it up again may be told another one.

    Raises
    ------
    OSError
        When it cannot be found.
    NotPublic
        When none of its addresses may be called.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if allow_private or is_public(address):
            return address
    raise NotPublic(f"{host} is not on the open internet")


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside of an IPv6 one."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
