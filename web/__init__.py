"""Pages for a browser: the check-in code on a leader's screen. No page names anybody."""
