"""The values that every step takes and gives: the event, what was recorded, what follows, and errors."""
