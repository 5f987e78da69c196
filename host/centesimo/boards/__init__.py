"""Boards before and after the day: checks, secrets, and when their records may be erased."""
