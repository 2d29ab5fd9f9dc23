"""Publishing to an SNS topic with the ambient credentials."""

from contextlib import closing
from typing import Any

from botocore.config import Config
from botocore.session import Session

from reconciler.bounded_answers import bound_answers
from reconciler.live.policy import FAILURES
from reconciler.live.problems import problem_of
from reconciler.model.notify import NotNotified, Receiver

_DENIED = frozenset({"AuthorizationError", "AccessDenied", "AccessDeniedException"})


def publish(receiver: Receiver, subject: str, message: str) -> None:
    """Publish once, in the region of the topic.  Raises ``NotNotified``.

    Not with a target's role: the topic belongs to whoever runs the job.
    """
    bound_answers()
    try:
        client: Any = Session().create_client(
            "sns",
            region_name=receiver.region,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=5,
                read_timeout=10,
            ),
        )
        with closing(client):
            client.publish(TopicArn=receiver.address, Subject=subject, Message=message)
    except FAILURES as failure:
        problem = problem_of(failure, operation="Publish", target="")
        denied = problem.code in _DENIED
        hint = "allow sns:Publish on the topic to who runs idpool" if denied else ""
        raise NotNotified(receiver.shown, str(problem), hint or problem.hint) from failure
