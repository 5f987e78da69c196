"""The templates of all pages: a name that is not known is an error, a text is never markup."""

from functools import cache
from typing import TYPE_CHECKING

from centesimo.publish.compare import from_to
from centesimo.publish.render import ahead, coefficient, css_text, gap, multiplied, total, typeset

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(file: str) -> "Template":
    """Return a template of this program, with the filters and the function that pages use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # only who writes pages waits for it

    environment = Environment(
        loader=PackageLoader("centesimo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (typeset, gap, ahead, coefficient, multiplied, total, css_text)
    environment.filters.update({shown.__name__: shown for shown in filters})
    environment.globals.update(from_to=from_to)
    return environment.get_template(file)
