"""What is measured without a bot under load: a module each, run as a process of its own.

Each prints one JSON line, a list of objects with `contender`, `seconds` and, where memory matters, `peak_mib`. It is
given a scratch folder, and how large it may be: 1.0 for the whole size, less for a quick look.
"""
