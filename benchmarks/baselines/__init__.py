"""Bots as people usually write them: what the project is measured against."""
