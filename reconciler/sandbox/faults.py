"""The errors that the API answers: a code, a message and an HTTP status."""


class ApiError(Exception):
    """An error answer of the API.

    Every client error of cognito-identity is HTTP 400, TooManyRequestsException included
    (botocore model: the exceptions carry no httpStatusCode of their own).
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")


def pool_not_found(pool_id: str) -> ApiError:
    """Wording and HTTP 400 as reported in awslabs/aws-sdk-android-samples#163."""
    return not_found(f"IdentityPool '{pool_id}' not found.")


def not_found(message: str) -> ApiError:
    """A thing that the request names does not exist."""
    return ApiError("ResourceNotFoundException", message)


def invalid(message: str) -> ApiError:
    """A request of the right shape that breaks a rule of the service."""
    return ApiError("InvalidParameterException", message)


def not_authorized(message: str) -> ApiError:
    """What the service itself does not allow, whatever IAM says."""
    return ApiError("NotAuthorizedException", message)


def limit_exceeded(message: str) -> ApiError:
    """A quota on the number of things is used up; trying again does not help."""
    return ApiError("LimitExceededException", message)
