"""botocore's files of services and regions, read in a third of its time.

A start needs two services of four hundred, and the list of all regions.  botocore looks into the
folders of all services twice to see that ours are there, and keeps the order of keys in a way of
its own.  All files are read once, for however many targets.
"""

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


class _Files(JSONFileLoader):
    """Files as plain dicts: those of Python keep their order, too."""

    def load_file(self, file_path: str) -> Any:
        """What is in FILE.json or FILE.json.gz; ``None`` where there is neither."""
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            try:
                with opened(file_path + ending, "rb") as file:
                    return json.load(file)
            except FileNotFoundError:
                continue
        return None


class ModelFiles(Loader):
    """Finds what botocore's own finds, and looks into the folders of wanted services alone."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's
        """Every folder of data; whether one has data of the type is seen when they are opened."""
        folders = filter(Path.is_dir, map(Path, self.search_paths))
        return sorted({service.name for folder in folders for service in folder.iterdir()})


@cache
def model_files(data_path: str | None) -> ModelFiles:
    """The files of a search path in the form of ``AWS_DATA_PATH``, and botocore's after them."""
    folders = (data_path or "").split(os.pathsep)
    own = [Path(os.path.expandvars(folder)).expanduser() for folder in folders if folder]
    return ModelFiles(extra_search_paths=list(map(str, own)), file_loader=_Files())
