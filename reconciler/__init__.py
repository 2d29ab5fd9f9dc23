"""idpool: a declarative reconciler for Amazon Cognito identity pools."""

# The one place: hatchling reads it from here.  Asking the metadata of the installed distribution
# costs 20 ms, twice what Python itself takes to start.
__version__ = "0.1.0"
