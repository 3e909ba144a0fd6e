"""Finds every job in this folder: adding one is adding a file."""

import importlib
import pkgutil

import jobs
from jobs.job import Job


def all_jobs() -> dict[str, Job]:
    """The jobs by the name of their file. Raises TypeError for a file that declares something else."""
    found: dict[str, Job] = {}
    for module in pkgutil.iter_modules(jobs.__path__):
        declared = getattr(importlib.import_module(f"jobs.{module.name}"), "job", None)
        if declared is None:
            continue
        if not isinstance(declared, Job):
            raise TypeError(f"jobs.{module.name}.job is not a Job")
        found[module.name] = declared
    return found
