"""The memory: tables, queries, migrations, and the two ways of running a use case (SQLite, PostgreSQL)."""
