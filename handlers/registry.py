"""Finds every feature in this folder: adding one is adding a file."""

import importlib
import pkgutil

import handlers
from chat.feature import Feature


def all_features() -> dict[str, Feature]:
    """The features by the name of their file. Raises TypeError for a file that declares something else."""
    found: dict[str, Feature] = {}
    for module in pkgutil.iter_modules(handlers.__path__):
        declared = getattr(importlib.import_module(f"handlers.{module.name}"), "feature", None)
        if declared is None:
            continue
        if not isinstance(declared, Feature):
            raise TypeError(f"handlers.{module.name}.feature is not a Feature")
        found[module.name] = declared
    return found
