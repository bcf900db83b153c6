"""Keeps doctest collection away from what only child processes import."""

collect_ignore = ["keras_worker.py", "xla_worker.py"]
