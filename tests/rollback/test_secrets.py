"""Nothing that is written holds a secret, and what is written is its owner's alone to read."""

import stat

from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

SECRETS = ("hush-one", "hush-two")


def _write_spec(idpool: Idpool, secret: str, flow: bool) -> None:
    logins = {"api.twitter.com": f"key;{secret}"}
    spec = {"SupportedLoginProviders": logins, "AllowClassicFlow": flow}
    idpool.write("specs/a.yaml", yaml_of(document(spec=spec)))


def test_no_output_and_no_file_holds_a_secret(idpool: Idpool, account: Account) -> None:
    """Creation, change, rollback, resumption, each as text, as JSON and with every call logged."""
    texts = []
    for number, secret in enumerate(SECRETS):
        _write_spec(idpool, secret, flow=bool(number))
        files = ("--receipt", f"r{number}.json", "--journal", f"j{number}.jsonl")
        texts.append(idpool.run("apply", "specs", "--yes", "-vv", *files).text)
    texts += [
        idpool.run("rollback", "r1.json", "-vv", *more).text
        for more in ((), ("--format", "json"), ("--apply", "--yes", "--receipt", "r2.json"))
    ]
    journal = (idpool.folder / "j1.jsonl").read_text().splitlines(keepends=True)
    idpool.write("cut.jsonl", "".join(journal[:2]))
    _write_spec(idpool, SECRETS[0], flow=True)
    resumed = ("--resume", "cut.jsonl", "--format", "json", "--journal", "j3.jsonl")
    texts.append(idpool.run("apply", "specs", "--yes", "-vv", *resumed).text)

    written = [path for path in idpool.folder.iterdir() if path.suffix in {".json", ".jsonl"}]
    everything = "\n".join([*texts, *(path.read_text() for path in written)])
    assert len(written) == 7
    assert "key;****" in everything
    assert [secret for secret in SECRETS if secret in everything] == []
    live = account.describe(account.only_id())["SupportedLoginProviders"]
    assert live == {"api.twitter.com": f"key;{SECRETS[0]}"}


def test_receipts_and_journals_are_private(idpool: Idpool) -> None:
    """Whatever the umask and whatever was there before, also those of a rollback."""
    _write_spec(idpool, SECRETS[0], flow=False)
    idpool.run("apply", "specs", "--yes")
    _write_spec(idpool, SECRETS[0], flow=True)
    idpool.write("receipt.json", "an old one, for all to read").chmod(0o666)
    idpool.run("apply", "specs", "--yes", "--receipt", "receipt.json", "--journal", "j.jsonl")
    back = ("--apply", "--yes", "--receipt", "back.json", "--journal", "back.jsonl")
    assert idpool.run("rollback", "receipt.json", *back).code == 0
    for name in ("receipt.json", "j.jsonl", "back.json", "back.jsonl"):
        assert stat.S_IMODE((idpool.folder / name).stat().st_mode) == 0o600, name
