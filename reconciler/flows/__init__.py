"""What each command does, in order: one file a command, named as the command."""
