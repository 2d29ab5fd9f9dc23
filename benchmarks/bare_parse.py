"""The floor of loading: ruamel.yaml's C parser on the same bytes, and nothing else.

usage: python -m benchmarks.bare_parse compose|load FOLDER

`compose` makes nodes, with a resolver that does nothing: the least that keeps positions.  `load`
makes Python values, as `YAML(typ="safe")` does.  Prints the CPU seconds of the parsing alone:
neither the start nor reading the files is in them.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser


class _Composer(CParser):  # type: ignore[misc]  # the C parser has no types
    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        # The C code reaches its parts by these names.
        self._parser = self._composer = self

    def descend_resolver(self, _parent: object, _index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return "tag"


def _compose(texts: Sequence[str]) -> None:
    for text in texts:
        _Composer(text).get_single_node()


def _load(texts: Sequence[str]) -> None:
    yaml: Any = YAML(typ="safe", pure=False)
    for text in texts:
        yaml.load(text)


_WAYS: dict[str, Callable[[Sequence[str]], None]] = {"compose": _compose, "load": _load}


def main() -> None:
    """Parse every spec below the folder, and say what it took."""
    way, folder = sys.argv[1:]
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(folder).rglob("*.yaml"))]
    began = time.process_time()
    _WAYS[way](texts)
    print(time.process_time() - began)


if __name__ == "__main__":
    main()
