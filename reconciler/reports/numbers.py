"""Numbers of things, in words."""


def plural(count: int, noun: str) -> str:
    """``1 pool``, ``2 pools``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
