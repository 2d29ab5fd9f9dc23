"""Which addresses may be given a secret: those that do not send it over a network in clear."""

from urllib.parse import urlsplit

# Plain HTTP only where it does not leave the machine.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def wrong_address(address: str) -> str:
    """Why this is no address that may be called, in a few words; "" where it is one."""
    try:
        url = urlsplit(address)
        port_is_fine = url.port is None or url.port > 0
    except ValueError:
        return "this is not a URL"
    if not url.hostname or not port_is_fine or not address.isascii() or not address.isprintable():
        return "this is not a URL"
    if url.username is not None:
        return "a URL with a user in it is not taken"
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        return "only https:// is taken, and http:// on this machine"
    return ""
