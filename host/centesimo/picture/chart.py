"""Charts as SVG inside a page: dots in a frame whose ranges and labels are given, written as text.

There is nothing to lay out but room for labels, so no library is asked: one drew 376 charts in 2 s. Colours come from
the page's style by class, for light, dark and paper. Each mark carries what it is as a title, which a pointer shows and
a screen reader says, and a label where it has one. What an official decided of it shows in its shape (SHAPES).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from math import cos, radians, sin
from typing import NamedTuple

SVG = "http://www.w3.org/2000/svg"
LABEL_ABOVE, LABEL_BELOW = 3, 11  # pixels between a dot and the line on which its label stands
LETTER_PX = 6  # the width of a letter of a label
EDGE_PX, BEFORE_PX, UNDER_PX, TEXT_UNDER_PX, TEXT_DOWN_PX = 4, 10, 18, 15, 3.5  # room around a plot and its labels
PAD = 0.02  # of a plot, free at each edge, so that no mark is cut
# The shape of a mark by a word of its class, as a path around 0, 0 for a radius of 1; all others are circles.
SQUARE, DIAMOND, CROSS = "M-1 -1H1V1H-1z", "M0 -1.5L1.5 0L0 1.5L-1.5 0z", "M-1.2 -1.2L1.2 1.2M1.2 -1.2L-1.2 1.2"
SHAPES = {"shifted": SQUARE, "averaged": DIAMOND, "voided": CROSS}


class Dot(NamedTuple):
    """One mark at a place of the chart."""

    x: float
    y: float
    title: str  # what it is, in a line
    label: str = ""  # written above it, or below where it is under zero; "": nothing
    link: str = ""  # a line is drawn from the first dot of a name to each other one; "": none


class Frame(NamedTuple):
    """The size of a chart in pixels, and what its axes show."""

    width: int
    height: int
    y: tuple[float, float]
    y_labels: Sequence[tuple[float, str]]
    x: tuple[float, float] = (0.0, 1.0)
    x_labels: Sequence[tuple[float, str]] = ()
    turned: int = 0  # degrees by which the labels of x are turned
    about: str = ""  # what the chart is, for who cannot see it


class _Plot(NamedTuple):
    """Where the plot of a frame is, in pixels, and what it shows."""

    left: float
    width: float
    height: float
    frame: Frame

    def x(self, value: float) -> float:
        begin, end = self.frame.x
        return self.width * (PAD + (1 - 2 * PAD) * (value - begin) / (end - begin))

    def y(self, value: float) -> float:
        begin, end = self.frame.y
        return self.height * (1 - PAD - (1 - 2 * PAD) * (value - begin) / (end - begin))


def dots(frame: Frame, dots_by_kind: Mapping[str, Sequence[Dot]], radius: float = 3.5) -> str:
    """Return a chart of dots; the kind is the class of each."""
    plot = _plot(frame)
    marks = [(kind, dot) for kind, of_kind in dots_by_kind.items() for dot in of_kind]
    drawn = (*_axes(plot), *_links(plot, [dot for _, dot in marks]), *_marks(plot, marks, radius))
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {frame.width} {frame.height}" role="img" aria-label="{escape(frame.about)}">'
        f'<g transform="translate({_px(plot.left)} {EDGE_PX})">{"".join(drawn)}</g></svg>'
    )


def _plot(frame: Frame) -> _Plot:
    """Return the plot that leaves room for its labels."""
    left = BEFORE_PX + LETTER_PX * _longest(frame.y_labels)
    label = LETTER_PX * _longest(frame.x_labels)
    right = label * cos(radians(frame.turned)) if frame.turned else label / 2
    under = UNDER_PX + label * sin(radians(frame.turned))
    return _Plot(left, frame.width - left - max(right, EDGE_PX), frame.height - EDGE_PX - under, frame)


def _longest(labels: Sequence[tuple[float, str]]) -> int:
    return max((len(text) for _, text in labels), default=0)


def _axes(plot: _Plot) -> Iterator[str]:
    """Yield the guides with their labels; that of zero is the axis where there is more above and below it."""
    is_axis = any(value < 0 for value, _ in plot.frame.y_labels)
    for value, text in plot.frame.y_labels:
        y, kind = plot.y(value), ' class="axis"' if is_axis and value == 0 else ""
        label = f'<text x="-5" y="{_px(y + TEXT_DOWN_PX)}">{escape(text)}</text>'
        yield f'<g class="guides y"><path d="M0 {_px(y)}H{_px(plot.width)}"{kind}/>{label}</g>'
    down = _px(plot.height + TEXT_UNDER_PX)
    for value, text in plot.frame.x_labels:
        x = _px(plot.x(value))
        turn = f' transform="rotate({plot.frame.turned} {x} {down})"' if plot.frame.turned else ""
        label = f'<text x="{x}" y="{down}"{turn}>{escape(text)}</text>'
        yield f'<g class="guides x"><path d="M{x} 0V{_px(plot.height)}"/>{label}</g>'


def _links(plot: _Plot, marks: Sequence[Dot]) -> Iterator[str]:
    """Yield the lines between dots of one name, below all marks."""
    first_by_link: dict[str, Dot] = {}
    for dot in marks:
        if dot.link and (first := first_by_link.setdefault(dot.link, dot)) is not dot:
            ends = f'x1="{_px(plot.x(first.x))}" y1="{_px(plot.y(first.y))}"'
            yield f'<line {ends} x2="{_px(plot.x(dot.x))}" y2="{_px(plot.y(dot.y))}" class="link"/>'


def _marks(plot: _Plot, marks: Sequence[tuple[str, Dot]], radius: float) -> Iterator[str]:
    """Yield each mark with its title, and its label so many pixels above its edge or below it."""
    for kind, dot in marks:
        x, y = plot.x(dot.x), plot.y(dot.y)
        title = f"<title>{escape(dot.title)}</title>"
        if path := path_of(kind):
            at = f'transform="translate({_px(x)} {_px(y)}) scale({radius})"'
            yield f'<path class="{kind}" d="{path}" {at}>{title}</path>'
        else:
            yield f'<circle cx="{_px(x)}" cy="{_px(y)}" r="{radius}" class="{kind}">{title}</circle>'
        if dot.label:
            away = radius + LABEL_BELOW if dot.y < 0 else -radius - LABEL_ABOVE
            yield f'<text x="{_px(x)}" y="{_px(y + away)}" class="name {kind}">{escape(dot.label)}</text>'


@cache
def path_of(kind: str) -> str:
    """Return the shape of a kind of mark, around 0, 0 for a radius of 1; "": it is a circle."""
    return next((SHAPES[word] for word in kind.split() if word in SHAPES), "")


def _px(value: float) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
