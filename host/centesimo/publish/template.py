"""The templates of all pages: a name that is not known is an error, a text is never markup."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from centesimo.publish.compare import from_to
from centesimo.publish.render import ahead, coefficient, gap, multiplied, typeset


@cache
def template(file: str) -> Template:
    """Return a template of this program, with the filters and the function that pages use."""
    environment = Environment(
        loader=PackageLoader("centesimo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(typeset=typeset, gap=gap, ahead=ahead, coefficient=coefficient, multiplied=multiplied)
    environment.globals.update(from_to=from_to)
    return environment.get_template(file)
