"""Specs from what other tools keep, and back.  Pure: text in, text out."""

from reconciler.converters.cfn_template import to_cloudformation
from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, ConvertedPool
from reconciler.converters.export import Export, ExportedPool, exported_pool
from reconciler.converters.given import Given
from reconciler.converters.terraform import from_terraform
from reconciler.converters.tf_config import to_terraform

__all__ = [
    "Conversion",
    "ConvertedPool",
    "Export",
    "ExportedPool",
    "Given",
    "exported_pool",
    "from_cloudformation",
    "from_terraform",
    "to_cloudformation",
    "to_terraform",
]
