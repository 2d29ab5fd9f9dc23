"""What the enhanced flow leaves of a guest's role: the session policies that AWS adds.

Developer guide, "Role trust and permissions", the inline policy for guests, and AWS's managed
policy AmazonCognitoUnAuthedIdentitiesSessionPolicy, version 4.  What either allows is left: clients
of CloudWatch RUM, which the second alone has, sign in as guests.
"""

from typing import Final

from reconciler.checks.role_policies import Names, like

_INLINE: Final = (
    *("cloudwatch:*", "logs:*", "dynamodb:*", "kinesis:*", "mobileanalytics:*", "s3:*", "ses:*"),
    *("sns:*", "sqs:*", "lambda:*", "machinelearning:*", "execute-api:*", "iot:*", "gamelift:*"),
    *("cognito-identity:*", "cognito-idp:*", "lex:*", "polly:*", "comprehend:*", "translate:*"),
    *("transcribe:*", "rekognition:*", "mobiletargeting:*", "firehose:*", "appsync:*"),
    *("personalize:*", "sagemaker:invokeendpoint", "cognito-sync:*", "codewhisperer:*"),
    *("textract:detectdocumenttext", "textract:analyzedocument", "sdb:*", "scs:*"),
)
_MANAGED: Final = (
    *("rum:putrumevents", "sagemaker:invokeendpoint", "polly:*", "comprehend:*", "translate:*"),
    *("transcribe:*", "rekognition:*", "mobiletargeting:*", "firehose:*", "personalize:*"),
    *("geo:getmap*", "geo:listmaps", "geo:searchplaceindex*", "geo:getplace"),
    *("geo:calculateroute*", "geo:*geofence", "geo:*geofences", "geo:*deviceposition*"),
    *("kms:encrypt", "kms:decrypt", "kms:reencryptto", "kms:reencryptfrom", "kms:generatedatakey"),
    *("kms:generatedatakeypair", "kms:generatedatakeypairwithoutplaintext"),
    "kms:generatedatakeywithoutplaintext",
)
# Patterns of actions in lower case.
LEFT_TO_GUESTS: Final[Names] = tuple(dict.fromkeys((*_INLINE, *_MANAGED)))


def is_left(pattern: str) -> bool:
    """Whether all that a pattern of actions (in lower case) stands for is left to guests."""
    return any(like(left, pattern) for left in LEFT_TO_GUESTS)
