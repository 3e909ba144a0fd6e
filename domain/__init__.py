"""The rules: pure functions of data and `now`; nothing here reads a clock, a database or a network."""
