"""The command `centesimo`: finds the verb's module, runs it, and prints what cannot go on as one line.

Every verb is one module of the same name in commands/ with a click command of the same name; it is imported only when
it is called. Exit codes: 0 done, 1 refused (one line `error: ...` on standard error), 2 wrong usage, 130 interrupted.
"""

import ast
import codecs
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.resources import files

import click
from click.shell_completion import CompletionItem

from centesimo.model.errors import TimingError
from centesimo.reading.hidden_characters import visible_lines

INTERRUPTED = 130  # as a shell says of what Ctrl-C has ended

# By the day, and in its order, as `centesimo --help` shows them.
GROUPS = {
    "Before the day": (
        "doctor", "new", "course", "import", "check", "boards", "prepare", "settings", "secret", "devices",
        "firmware",
    ),
    "At the tube": ("collect", "key"),
    "At the desk": (
        "load", "score", "questions", "amend", "register", "ranking", "serve", "publish", "print", "picture", "compare",
        "order", "whatif", "explain",
    ),
    "After the day": ("bundle", "verify", "attest", "erase", "rebuild"),
}  # fmt: skip
VERBS = tuple(verb for group in GROUPS.values() for verb in group)

# Of a verb whose word is one of Python's own: its module and main function.
MODULES = {"import": "import_sheet", "print": "print_paper"}

NOT_ON_WINDOWS = ("termios",)  # Python's modules that a verb may need; all else runs there too


class Verbs(click.Group):
    """The verbs, imported when called; the order of the day instead of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the day."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the click command of a verb, or None if there is no such verb."""
        if cmd_name not in VERBS:
            return None
        name = MODULES.get(cmd_name, cmd_name)
        try:
            module = import_module(f"centesimo.commands.{name}")
        except ModuleNotFoundError as error:
            if error.name not in NOT_ON_WINDOWS:
                raise
            raise TimingError(f"{cmd_name}: expected Linux or macOS, got a system without {error.name}") from error
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs, each with its first sentence; no verb is imported for it, which would take a second."""
        room = formatter.width - 6 - max(map(len, VERBS))
        for group, verbs in GROUPS.items():
            rows = [(verb, click.Command(verb, help=_doc_of(verb)).get_short_help_str(room)) for verb in verbs]
            with formatter.section(group):
                formatter.write_dl([(verb.ljust(max(map(len, VERBS))), text) for verb, text in rows])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the verbs that begin so, each with its first sentence; no verb is imported for it."""
        verbs = [verb for verb in VERBS if verb.startswith(incomplete)]
        items = [
            CompletionItem(verb, help=click.Command(verb, help=_doc_of(verb)).get_short_help_str()) for verb in verbs
        ]
        return items + click.Command.shell_complete(self, ctx, incomplete)


def _doc_of(verb: str) -> str | None:
    """Return the docstring of a verb's function as it stands in its module's text."""
    name = MODULES.get(verb, verb)
    text = files("centesimo.commands").joinpath(f"{name}.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return next((ast.get_docstring(function) for function in functions if function.name == name), None)


@click.group(cls=Verbs)
@click.version_option(package_name="centesimo")
def centesimo() -> None:
    """Regularity timing: from a rubber tube at the roadside to a ranking that can be walked back to it."""


# What a terminal without UTF-8 shows instead; anything else that it does not have is a question mark.
PLAIN = {"\u2212": "-", "\u2013": "-", "\u2192": "->", "\u2026": "...", "\u00b1": "+-"}


def plain_letters(error: UnicodeError) -> tuple[str, int]:
    """Return plain letters for those that a terminal's encoding does not have: a handler of codecs.register_error."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def main() -> None:
    """Run the command and leave with its exit code; what cannot go on becomes `error: ...` and exit code 1."""
    codecs.register_error("centesimo", plain_letters)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="centesimo")
    sys.exit(_run())


def _run() -> int:
    """Run the command; return the exit code, once all that it says is written."""
    try:
        try:
            return centesimo(standalone_mode=False) or 0
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _refused("interrupted", INTERRUPTED)
    except TimingError as error:
        return _refused(str(error), 1)
    except BrokenPipeError:
        _leave_output()
        return 1
    except OSError as error:
        if error.filename is None:
            _leave_output()
        return _refused(f"{error.filename or 'what is said cannot be written'}: {error.strerror}", 1)


def _refused(why: str, code: int) -> int:
    """Print every line of what is wrong, hidden characters written out; return the exit code."""
    for line in visible_lines(why).splitlines():
        click.echo(f"error: {line}", err=True)
    return code


def _leave_output() -> None:
    """Let go of an output that takes nothing more: what is left of it would fail again when Python ends."""
    with suppress(OSError, ValueError):  # it may have no number, or be closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
