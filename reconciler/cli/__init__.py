"""Options, one call, an exit code: one file a command, and no logic."""
