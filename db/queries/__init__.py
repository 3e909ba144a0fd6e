"""SQL by feature: each function takes an open connection and returns rows; no rule lives here."""
