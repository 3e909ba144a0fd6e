"""python -m bot: settings, wiring, life cycle, and the intake of updates."""
