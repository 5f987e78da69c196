"""Speed and size as figures: what design asks for beside what was measured; nothing here passes or fails."""


class MissingError(Exception):
    """A benchmark that cannot run here; the text says what is missing and how to get it."""
