"""A year of a unit with three groups, played through the use cases, so that the sandbox shows everything full."""
