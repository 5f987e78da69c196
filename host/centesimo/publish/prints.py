"""A printed ranking looked up again: which version its QR code or its foot means, and which is the newest."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from centesimo.publish.render import name
from centesimo.store import Publication

_CODE = re.compile(r"(?:.*/)?(?P<file>[\w-]+)(?:\.html#v| v)(?P<version>\d{1,9})(?: (?P<revision>[0-9a-f]{10,64}))?")
_REVISION = re.compile(r"[0-9a-f]{10,64}")


class Print(NamedTuple):
    """A posted version that was printed, and the newest one of the same ranking."""

    printed: Publication
    newest: Publication

    @property
    def is_outdated(self) -> bool:
        """Say whether a later version was posted."""
        return self.printed.version != self.newest.version


def find_print(code: str, posted: Sequence[Publication]) -> Print | None:
    """Return the version that a code means, None where none such was posted.

    A code is the address or the text of a QR code ("https://.../classic-leg-L1.html#v2", "classic-leg-L1 v2 0a1b2c")
    or at least 10 digits of a revision. `posted` are all versions in the order of posting: where two have the same
    content (provisional, then official) a revision means the later one.
    """
    written = code.strip()
    match = _CODE.fullmatch(written)
    if match:
        digits = match["revision"] or ""
        of = [each for each in posted if name(each.race, each.leg) == match["file"]]
        meant = [each for each in of if each.version == int(match["version"]) and each.facts_digest.startswith(digits)]
    elif _REVISION.fullmatch(written.lower()):
        meant = [each for each in posted if each.facts_digest.startswith(written.lower())]
    else:
        return None
    if not meant:
        return None
    printed = meant[-1]
    of_ranking = [each for each in posted if (each.race, each.leg) == (printed.race, printed.leg)]
    return Print(printed, max(of_ranking, key=lambda each: each.version))
