"""The command's entry point.  What is imported here is paid for by ``idpool --version``, too."""

import gc
import os
import sys
from typing import NoReturn

from reconciler import __version__

# A start makes 60,000 objects, modules and classes above all, which stay.  With Python's 700 the
# collector goes through them again and again, for a fifth of the time of a `validate`.  What a
# command makes further is freed without it, but for a few objects a call; going through 100,000
# takes 25 ms, in which no thread does anything.
_NEW_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def main() -> NoReturn:
    """Run the command line and exit with the documented code."""
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_COLLECTIONS)
    # No plugin of what else is installed beside us looks into specs; to look for one takes 5 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # closed by whoever has started us
            sys.stdout.flush()  # else it is flushed at the very end, and fails with Python's code
    except OSError as error:
        from reconciler.cli.boundary import no_output

        code = no_output(error)
    gc.freeze()  # Python would look for garbage in all that is there before it exits
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; every error that is foreseen becomes a sentence and an exit code."""
    if _told_version(arguments):
        return 0
    if _is_plain_validate(arguments):
        return _validate(arguments[1:])
    from reconciler.cli.running import run_command

    return run_command(arguments)


def _told_version(arguments: list[str]) -> bool:
    """Answer a bare ``--version`` without typer, which would take longer than all the rest.

    Whatever is less plain is left to it: a shell that asks, or a stream that takes nothing.
    """
    if arguments != ["--version"] or sys.stdout is None or _may_be_completing():
        return False
    try:
        sys.stdout.write(f"idpool {__version__}\n")
    except OSError:
        return False
    return True


def _is_plain_validate(arguments: list[str]) -> bool:
    """Whether it is ``validate`` with paths alone, as hooks and editors call it at every save."""
    words = arguments[1:]
    is_plain = all(word and not word.startswith("-") for word in words)
    return arguments[:1] == ["validate"] and is_plain and not _may_be_completing()


def _validate(words: list[str]) -> int:
    """Do as ``cli/validate.py`` does, without typer, which is a fifth of the time that it takes."""
    from reconciler.cli.boundary import exit_code_of

    def validate() -> int:
        from pathlib import Path

        from reconciler.cli.validating import validate_specs

        return validate_specs([Path(word) for word in words])

    return exit_code_of(validate)


def _may_be_completing() -> bool:
    """Whether a shell may be asking; the name of its variable has the program's name in it."""
    return any(name.startswith("_") and name.endswith("_COMPLETE") for name in os.environ)
