"""The way that iam-policy goes: what is read, what does not go together, what is to be known."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.cli.streams import Streams
from reconciler.loader import load_specs
from reconciler.model.errors import UsageProblem
from reconciler.model.grant import ANY, Grant
from reconciler.model.notify import Receiver
from reconciler.model.project import Target
from reconciler.planner.grants import Subject, Wanted, going_to

_PARTITION = re.compile(r"aws(-[a-z]+)*")


def subject_of(
    specs: Sequence[Path] | None,
    project_file: Path | None,
    targets: Sequence[str],
    streams: Streams,
) -> Subject:
    """Read what there is: a policy is wanted before the first spec is written, too.

    Raises ``InvalidSpecs``, and ``UsageProblem`` for an unknown target.
    """
    from reconciler.cli.inputs import chosen_targets
    from reconciler.cli.spec_paths import project_of

    project = project_of(specs, project_file, streams)
    paths = list(specs or ()) or [Path(path) for path in project.specs if Path(path).exists()]
    chosen = tuple(chosen_targets(project, targets))
    loaded = load_specs(paths, project).specs if paths else None
    return Subject(project, chosen, None if loaded is None else going_to(chosen, loaded))


def remarks(wanted: Wanted, subject: Subject, grant: Grant) -> Iterator[str]:
    """What a reader of the policy has to know, a sentence each."""
    if any(ANY in (place.account, *place.regions) for place in grant.places):
        yield "It names any account and any region: there is no idpool.yaml that names targets."
    if len(grant.places) > 1:
        yield "It is for several accounts; --target NAME prints the part of one."
    if not wanted.caller and any(target.role_arn for target in subject.targets):
        yield "It is for the targets' roles; --caller prints the policy of who assumes them."
    if any(place.any_role for place in grant.places) and not wanted.any_role:
        yield "Every role may be passed: no specs were found that say which."
    tombstones = [s for s in subject.specs or () if s.lifecycle.delete]
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
