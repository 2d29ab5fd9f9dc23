"""``python -m idpool``: the command, for whoever names the interpreter."""

from reconciler.cli.main import main

if __name__ == "__main__":
    main()
