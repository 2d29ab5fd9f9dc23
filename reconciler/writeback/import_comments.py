"""What an imported spec says of itself, where a reader would ask."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from reconciler.model.candidate import LeftOut
from reconciler.model.spec import PoolSpec
from reconciler.writeback.emission import WIDTH, Path

# Two columns of indentation, and the sign of a comment.
_WIDTH = WIDTH - 4


def comments_of(
    spec: PoolSpec, left_out: Sequence[LeftOut], user_pools: Mapping[str, str]
) -> Mapping[Path, str]:
    """Comments by the path of what they stand above.

    ``user_pools``: names by ProviderName, as far as they are known.
    """
    comments: dict[Path, str] = dict(_user_pools(spec, user_pools))
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
    for number, client in enumerate(spec.CognitoIdentityProviders):
        if name := names.get(client.ProviderName):
            yield ("spec", "CognitoIdentityProviders", number), f"user pool {name}"
