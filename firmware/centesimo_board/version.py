"""What this firmware is called and when it was made."""

VERSION = (0, 1, 0)

# No receiver can be right about a time before this firmware existed: 2026-01-01 00:00:00 UTC, in seconds since 1970.
# The virtual board may set an earlier one before it makes a Board, to replay an old receiver's log.
BUILT_S = 1767225600
