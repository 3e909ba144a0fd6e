"""What people say and tap; one file a feature, found by `handlers.registry`."""
