"""``idpool simulate``: which role, by which rule at which place, with which tags, or why not."""

import json
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.access.conftest import CANARY, CLAIMS, FACEBOOK, POOL, SHOP, TWO_TARGETS, jwt, role
from tests.e2e.conftest import sandbox
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

__all__ = ["sandbox"]

SPEC = "specs/shop.yaml"


def results(idpool: Idpool, *words: str) -> list[dict[str, Any]]:
    """What it says as JSON."""
    done = idpool.run("simulate", *words, "--format", "json")
    assert done.code == 0, done.text
    document = json.loads(done.out)
    assert document["schemaVersion"] == 1
    found: list[dict[str, Any]] = document["results"]
    return found


def line_of(idpool: Idpool, text: str) -> int:
    """The line of the spec that holds a text first."""
    lines = (idpool.folder / SPEC).read_text(encoding="utf-8").splitlines()
    return next(number for number, each in enumerate(lines, 1) if text in each)


# Answers


def test_a_user_gets_the_role_of_the_rule(idpool: Idpool) -> None:
    """Who, which role, why and where, and the tags by their names."""
    done = idpool.run("simulate", SPEC, "--claims", "claims.json")
    place = line_of(idpool, '"Claim": "team"') - 1
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"shop in target default  {SPEC}:1\n"
        f"  who: a user of {POOL} with the claims aud, email, iss, sub, team\n"
        f"  role: {role('admin')}\n"
        f"  why: rule 1 matches  {SPEC}:{place}:13\n"
        "  rule: team Equals ops\n"
        "  principal tags: mail\n"
    )


def test_a_token_is_its_claims(idpool: Idpool) -> None:
    """Decoded, whoever has signed it; also as a header has it, and from stdin."""
    told = idpool.run("simulate", SPEC, "--claims", "claims.json").out
    idpool.write("header", f"Bearer {jwt(CLAIMS)}\n")
    assert idpool.run("simulate", SPEC, "--jwt", "token").out == told
    assert idpool.run("simulate", SPEC, "--jwt", "header").out == told
    assert idpool.run_process("simulate", SPEC, "--jwt", "-", stdin=jwt(CLAIMS)).out == told


def test_guests(idpool: Idpool) -> None:
    """Their role, and its place."""
    (found,) = results(idpool, SPEC, "--guest")
    assert (found["role"], found["guest"], found["claims"]) == (role("guest"), True, None)
    assert found["place"].startswith(f"{SPEC}:{line_of(idpool, 'unauthenticated')}:")


def test_who_is_denied(idpool: Idpool) -> None:
    """Why, and where that is said."""
    idpool.write("claims.yaml", f"{{iss: {POOL}, aud: web, team: other}}\n")
    done = idpool.run("simulate", SPEC, "--claims", "claims.yaml")
    assert done.code == 0
    assert "  denied\n" in done.out
    assert "why: no rule matches, and AmbiguousRoleResolution is Deny" in done.out


def test_what_nobody_knows(idpool: Idpool) -> None:
    """No claims are named: what a rule makes of them is not known, and no role is guessed."""
    (found,) = results(idpool, SPEC, "--provider", POOL)
    assert (found["verdict"], found["role"], found["claims"]) == ("not known", None, None)
    (found,) = results(idpool, SPEC, "--provider", FACEBOOK)
    assert (found["verdict"], found["role"]) == ("role", role("paths/user"))


def test_a_role_that_the_app_asks_for(idpool: Idpool) -> None:
    """CustomRoleArn, of the rules that match."""
    asks = ("--claims", "claims.json", "--custom-role")
    (found,) = results(idpool, SPEC, *asks, role("admin"))
    assert found["rule"]["number"] == 1
    (found,) = results(idpool, SPEC, *asks, role("seller"))
    assert found["verdict"] == "denied"


def test_where_the_classic_flow_is_open(idpool: Idpool) -> None:
    """There the role is the app's choice, which is said beside it."""
    open_flow = {**SHOP, "AllowClassicFlow": True, "RoleMappings": {}}
    idpool.write(SPEC, yaml_of(document("shop", open_flow)))
    assert "the classic flow is open to them" in idpool.run("simulate", SPEC, "--guest").out
    (found,) = results(idpool, SPEC, "--guest")
    assert found["classicFlow"] == "open"


def test_each_target(idpool: Idpool) -> None:
    """What differs is told apart, and what does not once."""
    idpool.write("idpool.yaml", yaml_of(TWO_TARGETS))
    alike = idpool.run("simulate", SPEC, "--guest").out
    assert alike.startswith("shop in targets eu, us  ")
    other = document("shop", SHOP) | {
        "perTarget": {"us": {"AllowUnauthenticatedIdentities": False}}
    }
    idpool.write(SPEC, yaml_of(other))
    found = results(idpool, SPEC, "--guest")
    assert [each["verdict"] for each in found] == ["role", "denied"]
    assert "shop in target us  " in idpool.run("simulate", SPEC, "--guest").out
    assert [each["target"] for each in results(idpool, SPEC, "--guest", "--target", "us")] == ["us"]


def test_references_have_their_values(idpool: Idpool) -> None:
    """Those of the target; of what only AWS knows it is asked."""
    roles = {**SHOP["Roles"], "unauthenticated": "${role.guest-${target.region}}"}
    idpool.write(SPEC, yaml_of(document("shop", {**SHOP, "Roles": roles})))
    idpool.write("idpool.yaml", yaml_of(TWO_TARGETS))
    regions = [role("guest-eu-west-1"), role("guest-us-east-1")]
    assert [each["role"] for each in results(idpool, SPEC, "--guest")] == regions
    (idpool.folder / "idpool.yaml").unlink()
    (found,) = results(idpool, SPEC, "--guest", "--sandbox", "s.json")
    assert found["role"] == role("guest-eu-west-1")


# Live


def test_live_is_asked_as_it_is(idpool: Idpool, sandbox: SandboxServer) -> None:
    """Not as the spec says: with its roles and principal tags, though no spec manages them."""
    aws = Idpool(idpool.folder, aws_environment(sandbox.url))
    assert aws.run("apply", "specs", "--yes").code == 0
    unmanaged = {key: SHOP[key] for key in ("SupportedLoginProviders", "CognitoIdentityProviders")}
    idpool.write(SPEC, yaml_of(document("shop", unmanaged)))
    words = ("simulate", SPEC, "--claims", "claims.json")
    assert "the pool's roles are not managed here" in aws.run(*words).out
    found = aws.run(*words, "--live")
    assert (found.code, found.err) == (0, "")
    assert f"  role: {role('admin')}\n  why: rule 1 matches\n" in found.out
    assert "  principal tags: mail\n" in found.out
    assert "shop in target default  eu-west-1:" in found.out


def test_a_pool_that_is_not_there(idpool: Idpool, sandbox: SandboxServer) -> None:
    """There is nobody to ask, which is a failure."""
    aws = Idpool(idpool.folder, aws_environment(sandbox.url))
    found = aws.run("simulate", SPEC, "--guest", "--live")
    assert found.code == 1
    assert "no pool to ask: the pool is not there yet" in found.out


# Wrong words


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "nobody is named who asks"),
        ("--guest --provider x", "a guest has neither"),
        ("--guest --jwt token", "a guest has neither"),
        ("--claims claims.json --jwt token", "both say who it is"),
        ("--guest --pool shp", "there is no spec shp"),
        ("--guest --format html", "no format 'html'"),
        ("--claims none.json", "several providers"),
    ],
)
def test_who_asks_has_to_be_said(words: str, says: str, idpool: Idpool) -> None:
    """One person, and one pool."""
    idpool.write("none.json", "{}")
    done = idpool.run("simulate", SPEC, *words.split())
    assert (done.code, done.out) == (64, "")
    assert says in done.err


def test_a_pool_without_a_provider(idpool: Idpool) -> None:
    """Nobody can sign in with it, whatever their claims."""
    idpool.write(SPEC, yaml_of(document("shop", {"Roles": {"authenticated": role("user")}})))
    (found,) = results(idpool, SPEC, "--claims", "claims.json")
    assert (found["verdict"], found["provider"]) == ("denied", None)
    assert found["why"] == "the pool has no provider that somebody can sign in with"


def test_one_pool_is_asked(idpool: Idpool) -> None:
    """Of several specs one has to be chosen, and it has to go to the target."""
    idpool.write("specs/other.yaml", yaml_of(document("other", metadata={"targets": ["eu"]})))
    idpool.write("idpool.yaml", yaml_of(TWO_TARGETS))
    done = idpool.run("simulate", "specs", "--guest")
    assert done.code == 64
    assert "--pool NAME; the specs are: other, shop" in done.err
    assert idpool.run("simulate", "specs", "--guest", "--pool", "other").code == 0
    done = idpool.run("simulate", "specs", "--guest", "--pool", "other", "--target", "us")
    assert "goes to none of these targets" in done.err


# Personal data


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--claims", f"sub: [{CANARY}"),
        ("--claims", f"sub: {CANARY}\nsub: {CANARY}"),
        ("--claims", f"[{CANARY}]"),
        ("--claims", CANARY),
        ("--claims", f"{CANARY}\n---\n{CANARY}"),
        ("--claims", f"sub: !t {CANARY}"),
        ("--claims", f"sub: &a [*a, {CANARY}]"),
        ("--claims", f"{CANARY}\a"),
        ("--jwt", CANARY),
        ("--jwt", f"{CANARY}.{CANARY}.{CANARY}"),
        ("--jwt", f"x.{jwt([])[1:]}"),
        ("--jwt", jwt([CANARY])),
    ],
)
def test_what_cannot_be_read_is_not_shown(option: str, text: str, idpool: Idpool) -> None:
    """Neither a value nor a token, and what to do is said."""
    idpool.write("somebody", text)
    done = idpool.run("simulate", SPEC, option, "somebody")
    assert (done.code, done.out) == (1, "")
    assert option in done.err
    assert "  fix: " in done.err
    assert "canary" not in done.text
    assert text not in done.err


@pytest.mark.parametrize("option", ["--claims", "--jwt"])
def test_a_token_in_place_of_its_file_is_not_shown(option: str, idpool: Idpool) -> None:
    """Whoever gives it so is told to name a file."""
    for text in (jwt(CLAIMS), json.dumps(CLAIMS), "x" * 5000, "missing"):
        done = idpool.run("simulate", SPEC, option, text)
        assert done.code == 1
        assert text not in done.err
        assert "takes the name of a file, or - for stdin" in done.err


def test_a_token_among_the_specs_is_not_shown(idpool: Idpool) -> None:
    """Where a shell has made two words of --jwt=$(...), say."""
    done = idpool.run("simulate", SPEC, jwt(CLAIMS), "--guest")
    assert (done.code, done.out) == (64, "")
    assert "--jwt -" in done.err
    assert jwt(CLAIMS) not in done.err


def test_no_value_of_a_claim_is_shown(idpool: Idpool, sandbox: SandboxServer) -> None:
    """In no format, offline or live, whatever comes of it, and in no log of calls."""
    aws = Idpool(idpool.folder, aws_environment(sandbox.url))
    assert aws.run("apply", "specs", "--yes").code == 0
    claims = {**CLAIMS, "cognito:preferred_role": CANARY, "cognito:roles": [CANARY]}
    token = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    pools: list[Any] = [SHOP, {**SHOP, "RoleMappings": {f"{POOL}:web": token}}]
    people: list[dict[str, Any]] = [
        claims,
        {**claims, "team": CANARY},
        {**claims, "team": [CANARY]},
        {**claims, "aud": CANARY},
        {**claims, "iss": CANARY},
        {**claims, "email": {"a": CANARY}},
    ]
    for pool in pools:
        idpool.write(SPEC, yaml_of(document("shop", pool)))
        for person in people:
            idpool.write("token", jwt(person))
            idpool.write("claims.json", json.dumps(person))
            for who in (("--jwt", "token"), ("--claims", "claims.json")):
                words = ("simulate", SPEC, *who, "--provider", POOL)
                for done in (
                    idpool.run(*words),
                    idpool.run(*words, "--format", "json", "--format", "text=out.txt"),
                    aws.run(*words, "--live", "-vv"),
                ):
                    assert done.code == 0, done.text
                    assert "canary" not in done.text
                    assert jwt(person) not in done.text
                assert "canary" not in (idpool.folder / "out.txt").read_text(encoding="utf-8")


def test_values_are_shown_where_they_are_asked_for(idpool: Idpool) -> None:
    """--show-claims; the token itself not even then."""
    words = ("--jwt", "token", "--show-claims")
    done = idpool.run("simulate", SPEC, *words)
    assert f"sub={CANARY}" in done.out
    assert f"principal tags: mail={CANARY}" in done.out
    assert jwt(CLAIMS) not in done.out
    (found,) = results(idpool, SPEC, *words)
    assert found["claims"] == CLAIMS
    assert found["principalTags"] == {"mail": {"value": CANARY}}
