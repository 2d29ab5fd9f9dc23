"""The floor of loading: ruamel.yaml's C parser on the same bytes, and nothing else.

usage: python -m benchmarks.bare_parse FOLDER

It composes nodes with a resolver that does nothing: no parser that keeps positions does less.
Prints the CPU seconds of the parsing alone, without start and without reading the files.
"""

import sys
import time
from pathlib import Path

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


if __name__ == "__main__":
    texts = [path.read_text(encoding="utf-8") for path in Path(sys.argv[1]).rglob("*.yaml")]
    began = time.process_time()
    for each in texts:
        _Composer(each).get_single_node()
    print(time.process_time() - began)
