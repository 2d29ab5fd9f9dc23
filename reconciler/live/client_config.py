"""What botocore is told of every client: to send once, to wait so long, and what to leave out."""

import platform
import re

import botocore
from botocore.config import Config
from botocore.session import Session

from reconciler import __version__


def client_config(
    session: Session,
    *,
    connections: int,
    connect_seconds: float,
    read_seconds: float,
    proxies: dict[str, str] | None,
) -> Config:
    """The configuration of a client that keeps so many connections open."""
    return Config(
        # tenacity is the only retry layer: botocore's own retries have turned one create into
        # three pools.
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=connections,
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        proxies=proxies,
        # botocore would put its own together twice a call, an eighth of what a call costs.
        user_agent=_user_agent(session),
    )


def _user_agent(session: Session) -> str:
    """Who calls, as CloudTrail shows it, with the name that users gave to their application."""
    parts = [
        f"idpool/{__version__}",
        f"botocore/{botocore.__version__}",
        f"lang/python#{platform.python_version()}",
    ]
    application = session.get_config_variable("user_agent_appid")
    if application:
        # What is no token of HTTP (RFC 9110, section 5.6.2) would end the header, or the call.
        parts.append("app/" + re.sub(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", "-", application))
    return " ".join(parts)
