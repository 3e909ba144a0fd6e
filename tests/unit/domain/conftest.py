"""How the rules are tried: examples take the time they take, and HYPOTHESIS_PROFILE=many tries ten times as many."""

import os

from hypothesis import settings

# A machine that is busy is no fault of a rule: no deadline for an example.
settings.register_profile("usual", deadline=None)
settings.register_profile("many", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
