"""apply shows the plan and asks on a terminal; only `yes` is yes."""

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.person import Person
from tests.support.specs import document, yaml_of


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        "no",
        pytest.param("y", marks=pytest.mark.slow),
        pytest.param("", marks=pytest.mark.slow),
    ],
)
def test_apply_asks_on_a_terminal(idpool: Idpool, account: Account, answer: str) -> None:
    """The plan is shown first; anything but `yes` writes nothing and exits 1."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    result = Person(idpool, "apply", "specs").says(answer)

    assert result.out.index("+ create shop") < result.out.index("Apply this plan?")
    assert result.code == (0 if answer == "yes" else 1), result.text
    assert len(account.pools()) == (1 if answer == "yes" else 0)


def test_colours_are_for_those_who_ask_for_them(idpool: Idpool) -> None:
    """A pipe gets none; FORCE_COLOR gives them; NO_COLOR and --no-color take them away."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))

    def colours(*arguments: str, **settings: str) -> bool:
        painted = Idpool(idpool.folder, {**idpool.environment, **settings})
        return "\x1b[" in painted.run("plan", "specs", *arguments).out

    assert not colours()
    assert colours(FORCE_COLOR="1", TERM="xterm")
    assert not colours(FORCE_COLOR="1", TERM="xterm", NO_COLOR="1")
    assert not colours("--no-color", FORCE_COLOR="1", TERM="xterm")
