"""What people read, made of values: a table of templates for each sort of value, so that a language is one more table.

Nothing here decides anything, and nothing outside reads a sentence back.
"""
