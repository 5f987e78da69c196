"""Keying numbers beside a tube: what passed and what was keyed as rows, who is next, and what each key does.

Values only: what a key asks to be stored goes out as an Entry, what the store and the boards have comes in. The command
`key` owns the terminal, the store and the clock; screen.py says how it looks.
"""
