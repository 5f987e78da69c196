"""Benchmarks: speed, size and errors as figures beside what was to be reached; nothing here passes or fails."""


class MissingError(Exception):
    """A benchmark that cannot run here; the text says what is missing and how to get it."""
