"""GitHub and GitLab: finding the pull request of a run, and keeping one comment on it.

Their client libraries are optional, and nobody else imports them.
"""
