"""idpool: a declarative reconciler for Amazon Cognito identity pools."""
