"""Files that people write, read so that every mistake can be told at its path:line."""
