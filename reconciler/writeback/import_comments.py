"""What an imported spec says of itself, where a reader would ask."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from reconciler.model.candidate import LeftOut
from reconciler.model.pool import FIELDS, Pool
from reconciler.model.pool_fields import Kind
from reconciler.model.spec import PoolSpec, spec_as_api
from reconciler.writeback.emission import WIDTH, Path

# Two columns of indentation, and the sign of a comment.
_WIDTH = WIDTH - 4
FLOW_NEVER_SET = (
    "It was never set, and AWS allows the classic flow then.  With false, clients that use\n"
    "GetOpenIdToken are refused."
)
_CLIENTS = "CognitoIdentityProviders"


def comments_of(
    live: Pool, spec: PoolSpec, left_out: Sequence[LeftOut], user_pools: Mapping[str, str]
) -> Mapping[Path, str]:
    """Comments by the path of what they stand above.

    ``live`` is the pool that the spec was made of; ``user_pools``: names by ProviderName, as far as
    they are known.
    """
    comments: dict[Path, str] = dict(_user_pools(spec, user_pools))
    comments |= {
        ("spec", field): FLOW_NEVER_SET
        for field, row in FIELDS.items()
        if row.kind is Kind.CLASSIC_FLOW and getattr(live, field) is None
    }
    if left_out:
        comments["lifecycle", "ignoreChanges"] = "\n".join(map(_ignored, left_out))
    return comments


def _ignored(left_out: LeftOut) -> str:
    return fill(
        f"{left_out.field} is left as it is in AWS: {left_out.why}",
        _WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _user_pools(spec: PoolSpec, names: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for number, client in enumerate(spec_as_api(spec)[_CLIENTS]):
        if name := names.get(client["ProviderName"]):
            yield ("spec", _CLIENTS, number), f"user pool {name}"
