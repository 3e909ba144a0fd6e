"""Use cases: plain functions of a connection, one transaction each; one file a feature."""
