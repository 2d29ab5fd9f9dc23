"""The secret half of a login provider is in no plan file, and arrives all the same."""

import json
import re

import pytest

from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, apply_specs, assert_stale, update, write_spec
from tests.support.cli import Idpool

TWITTER = "api.twitter.com"
SECRETS = ("hush-one", "hush-two", "hush-three")


def _write(idpool: Idpool, secret: str, **fields: bool) -> None:
    logins = {TWITTER: f"key;{secret}"}
    write_spec(idpool, SupportedLoginProviders=logins, **fields)


def _secret(account: Account) -> str:
    return str(account.describe(account.only_id())["SupportedLoginProviders"][TWITTER])


def test_no_file_and_no_output_holds_a_secret_that_arrives(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Creation, change of the secret alone, and a refused apply; with every call logged."""
    texts = []
    for number, secret in enumerate(SECRETS[:2]):
        _write(idpool, secret)
        texts.append(save("-vv").read_text())
        texts.append(idpool.run("show", "plan.json", "-vv").text)
        texts.append(idpool.run("show", "plan.json", "--format", "json").text)
        journal = ("--journal", f"{number}.jsonl", "--receipt", f"{number}.json")
        applied = idpool.run("apply", "plan.json", "-vv", *journal)
        assert applied.code == 0, applied.text
        assert _secret(account) == f"key;{secret}"
        texts.append(applied.text)
    _write(idpool, SECRETS[0])
    save()
    _write(idpool, SECRETS[2], AllowClassicFlow=True)
    update(account, SupportedLoginProviders={TWITTER: "other;hush-four"})
    stale = idpool.run("apply", "plan.json", "-vv")
    assert stale.code == 4, stale.text
    files = [path.read_text() for path in idpool.folder.iterdir() if path.is_file()]
    everything = "\n".join([*texts, stale.text, *files])
    assert "key;****" in everything
    assert "hush" not in everything


def test_no_digest_is_made_of_a_secret(idpool: Idpool, save: Save) -> None:
    """Else a short secret could be guessed: in spec and live it makes no difference."""
    digests = []
    for secret in SECRETS:
        _write(idpool, secret)
        apply_specs(idpool)
        data = json.loads(save().read_text())
        assert data["unchanged"]["default"][0]["digest"]
        del data["origin"]["createdAt"], data["digest"]
        digests.append(re.findall(r"sha256:[0-9a-f]{64}", json.dumps(data)))
    assert digests[0]
    assert digests[0] == digests[1] == digests[2]


def test_a_secret_that_was_to_change_and_is_as_wished_by_now(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Whether spec and live differ is part of the plan."""
    _write(idpool, SECRETS[0])
    apply_specs(idpool)
    _write(idpool, SECRETS[1])
    save()
    update(account, SupportedLoginProviders={TWITTER: f"key;{SECRETS[1]}"})
    assert_stale(idpool.run("apply", "plan.json"), f"the secret part of {TWITTER} was changed")


def test_a_secret_that_was_to_stay_and_was_changed_by_hand(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Also where the plan is about something else."""
    _write(idpool, SECRETS[0])
    apply_specs(idpool)
    _write(idpool, SECRETS[0], AllowClassicFlow=True)
    save()
    update(account, SupportedLoginProviders={TWITTER: f"key;{SECRETS[2]}"})
    assert_stale(idpool.run("apply", "plan.json"), f"the secret part of {TWITTER} was changed")
    assert _secret(account) == f"key;{SECRETS[2]}"


def test_the_secret_is_the_one_of_the_spec_when_it_is_applied(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """No plan shows a secret, so another one is the same plan."""
    _write(idpool, SECRETS[0])
    save()
    _write(idpool, SECRETS[1])
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert _secret(account) == f"key;{SECRETS[1]}"


@pytest.mark.parametrize("key", ["API.twitter.com", " api.twitter.com", "www.api.twitter.com"])
def test_a_slip_in_the_key_shows_no_secret(idpool: Idpool, key: str) -> None:
    """The part after the semicolon is a secret under any key: in every output and file."""
    write_spec(idpool, SupportedLoginProviders={key: "public;hushhush"})
    first = idpool.run("plan", "specs", "--out", "plan.json", "--format", "json")
    applied = idpool.run("apply", "specs", "--yes", "--receipt", "r.json", "--journal", "j", "-vv")
    write_spec(idpool, SupportedLoginProviders={key: "public;hushhush2"})
    drift = idpool.run("drift", "specs", "-vv")
    files = [idpool.folder / name for name in ("plan.json", "r.json", "j")]
    told = [result.text for result in (first, applied, drift)]
    for text in [*told, *(file.read_text() for file in files if file.exists())]:
        assert "hushhush" not in text
    assert "public;****" in first.out
    assert 'did you mean "api.twitter.com"?' in first.err
