"""python -m bot: settings, wiring, life cycle, and the intake of updates."""

__version__ = "1.0.0"
