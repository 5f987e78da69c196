"""The verbs of the command, one module each: parse, open, call one function, print."""
