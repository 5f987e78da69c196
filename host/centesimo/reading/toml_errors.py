"""What is wrong with a text that is not TOML, in words for people who have never heard of TOML."""

import re

from centesimo.reading.hidden_characters import visible

LONGEST = 60  # of a line, to be shown
MOST_DIGITS = 4300  # of a number that Python reads

# By the begin of what the reader of TOML says: what is to be done.
_ADVICE = {
    "Illegal character '\\n'": 'a text ends in the quote (") with which it begins, on the same line',
    "Unterminated string": 'a text ends in the quote (") with which it begins',
    "Cannot declare": "each table stands once, with all its keys under it",
    "Cannot redefine": "each table stands once, with all its keys under it",
    "Cannot overwrite": "each key stands once in its table",
    "Duplicate": "each key stands once in its table",
    "Invalid value": 'a text stands in quotes ("), a number has a point, what is on or off is true or false',
    "Expected newline": 'one value a line: a text stands in quotes ("), a number has a point',
    "Expected '='": "a key and its value have = between them",
    "Expected ']": "the name of a table stands in [ ], or in [[ ]] where there are several",
    "Unclosed array": "a list begins with [ and ends in ]",
    "Unclosed inline table": "{ needs its }",
    "Invalid statement": "a line is key = value, [table], or begins with #",
    "Invalid initial character": "a line is key = value, [table], or begins with #",
}


def toml_error(error: Exception, text: str) -> tuple[int, str]:
    """Return the line (from 1) of an error of tomllib in a text, and what is wrong: "expected ..., got ..."."""
    message = str(error)
    where = re.search(r"\(at line (\d+), column \d+\)", message)
    lines = text.splitlines()
    for number, written in enumerate(lines, 1):
        if message.startswith("Exceeds") and re.search(rf"[\d_]{{{MOST_DIGITS},}}", written):
            return number, "expected TOML, got a number of far too many digits"
    line = int(where[1]) if where else max(len(lines), 1)
    advice = next((advice for begin, advice in _ADVICE.items() if message.startswith(begin)), "")
    if not advice or line > len(lines):
        return line, f"expected TOML, got what is none: {message}"
    got = visible(lines[line - 1].strip())
    return line, f"expected TOML, got {got if len(got) <= LONGEST else got[:LONGEST] + '...'}: {advice}"
