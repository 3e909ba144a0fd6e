"""The control side: JSON under /sandbox/api/ for the page and for tests."""
