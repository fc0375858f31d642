"""The address by which the limit on log-ins counts guesses."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest

# Stands for all clients without an address, such as those of a Unix socket.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 -- stored, not bound
# A client of IPv6 usually owns a network of this size, and could send each guess from another address.
PREFIX_BITS = 64


def client_address(request: HttpRequest) -> str:
    """Never empty and always valid: no guess with an empty address is found again, and PostgreSQL keeps no other."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return NO_ADDRESS
    return str(address if isinstance(address, IPv4Address) else owned_by_client(address))


def owned_by_client(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The client's network. A socket for both kinds writes an IPv4 address as IPv6, and then it is that one."""
    return address.ipv4_mapped or IPv6Network((int(address), PREFIX_BITS), strict=False).network_address
