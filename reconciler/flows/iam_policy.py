"""``idpool iam-policy``: what idpool has to be allowed in AWS, and nothing more."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.flows.inputs import chosen_targets, project_of
from reconciler.model.errors import UsageProblem
from reconciler.model.notify import Receiver
from reconciler.model.permissions import ANY, Grant
from reconciler.model.project import Target
from reconciler.model.request import Named
from reconciler.planner.grants import PolicySubject, Wanted, going_to, grant_of
from reconciler.reports.escape import escape
from reconciler.reports.iam_policy import MOST_CHARACTERS, counted_characters, iam_policy_json
from reconciler.specs.loading import load_specs
from reconciler.terminal.streams import Streams

_PARTITION = re.compile(r"aws(-[a-z]+)*")


def iam_policy(named: Named, targets: Sequence[str], wanted: Wanted, streams: Streams) -> None:
    """Print the policy; what a reader has to know of it goes to stderr.

    Raises ``InvalidSpecs``, and ``UsageProblem`` for options that do not go together.
    """
    subject = subject_of(named, targets, streams, with_tests=wanted.job == "test")
    require_sense(wanted, subject.targets)
    grant = grant_of(wanted, subject)
    policy = iam_policy_json(grant)
    streams.artefact(policy)
    for remark in remarks(wanted, subject, grant):
        streams.note(f"{escape(remark)}\n")
    size = counted_characters(policy)
    if size > MOST_CHARACTERS:
        streams.problem(
            f"warning: {size} characters, and a managed policy has {MOST_CHARACTERS} at most: "
            "print one for each --target, or pass --any-role\n"
        )


def subject_of(
    named: Named, targets: Sequence[str], streams: Streams, *, with_tests: bool
) -> PolicySubject:
    """Read what there is: a policy is wanted before the first spec is written, too.

    Raises ``InvalidSpecs``, and ``UsageProblem`` for an unknown target.
    """
    project = project_of(named, streams)
    paths = list(named.specs) or [Path(path) for path in project.specs if Path(path).exists()]
    chosen = tuple(chosen_targets(project, targets))
    if not paths:
        return PolicySubject(project, chosen, None)
    loaded = load_specs(paths, project)
    tests = loaded.tests if with_tests else ()
    return PolicySubject(project, chosen, going_to(chosen, loaded.documents), tests)


def remarks(wanted: Wanted, subject: PolicySubject, grant: Grant) -> Iterator[str]:
    """What a reader of the policy has to know, a sentence each."""
    if any(ANY in (place.account, *place.regions) for place in grant.places):
        yield "It names any account and any region: there is no idpool.yaml that names targets."
    if len(grant.places) > 1:
        yield "It is for several accounts; --target NAME prints the part of one."
    if not wanted.caller and any(target.role_arn for target in subject.targets):
        yield "It is for the targets' roles; --caller prints the policy of who assumes them."
    done = "read" if wanted.job == "check" else "passed"
    if subject.specs is None and not (wanted.any_role or wanted.caller):
        yield f"Every role may be {done}: no specs were found that say which."
    if subject.open and not wanted.any_role and not wanted.caller:
        yield f"Every role may be {done}: which ones, references to what AWS has decide."
    tombstones = [s for s in subject.complete if s.lifecycle.delete]
    if tombstones and not (wanted.delete or wanted.caller):
        yield f"{tombstones[0].source.file} is a tombstone, and needs --with-delete."


def require_sense(wanted: Wanted, targets: Sequence[Target]) -> None:
    """Raises ``UsageProblem`` for options that do not go together."""
    if wanted.job != "drift" and (wanted.who or wanted.topic):
        raise UsageProblem(
            "--who and --notify-topic are of drift", hint="idpool iam-policy drift takes them"
        )
    if wanted.partition and not _PARTITION.fullmatch(wanted.partition):
        raise UsageProblem("--partition names no partition", hint="it is aws, aws-cn, aws-us-gov")
    assumed = [target for target in targets if target.role_arn]
    if wanted.caller and not assumed:
        raise UsageProblem(
            "--caller is for who assumes the targets' roles, and no target has a roleArn",
            hint="leave it out: one role does everything",
        )
    if wanted.topic and len(assumed) == len(targets) and not wanted.caller:
        raise UsageProblem(
            "SNS is not called with a target's role, but by who assumes it",
            hint="pass --notify-topic with --caller",
        )
    if wanted.topic and not Receiver(kind="sns", address=wanted.topic).region:
        raise UsageProblem(
            "--notify-topic: this is not the ARN of an SNS topic",
            hint="write arn:aws:sns:REGION:ACCOUNT:NAME",
        )
