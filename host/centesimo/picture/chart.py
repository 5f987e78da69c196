"""Charts as SVG inside a page: pygal lays them out; what a page needs is put in, what it must not have is taken out.

pygal scales, places axes, guides and dots. Its own style, script, comments and date go, so that the same values
give the same bytes and nothing is loaded: colours come from the page's style by class, for light, dark and paper. Each
mark carries what it is as a title, which a pointer shows and a screen reader says, and a label where it has one. What
an official decided of it shows in its shape (SHAPES).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pygal

Element = ElementTree.Element
SVG = "http://www.w3.org/2000/svg"
DIGITS = 1  # of coordinates, behind the point: a tenth of a pixel
LABEL_ABOVE, LABEL_BELOW = 3, 11  # pixels between a dot and the line on which its label stands
TURNED_PX = 12  # below a chart, for labels that are turned
# The shape of a mark by a word of its class, as a path around 0, 0 for a radius of 1; all others are circles.
SQUARE, DIAMOND, CROSS = "M-1 -1H1V1H-1z", "M0 -1.5L1.5 0L0 1.5L-1.5 0z", "M-1.2 -1.2L1.2 1.2M1.2 -1.2L-1.2 1.2"
SHAPES = {"shifted": SQUARE, "averaged": DIAMOND, "voided": CROSS}
TOLD = ("title", "label", "link", "away")
_LEFT_OUT = ("defs", "desc", "title")
_NUMBERS = ("x", "y", "cx", "cy", "r", "rx", "ry", "width", "height")


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


def dots(frame: Frame, dots_by_kind: Mapping[str, Sequence[Dot]], radius: float = 3.5) -> str:
    """Return a chart of dots; the kind is the class of each."""
    chart = pygal.XY(stroke=False, dots_size=radius, xrange=frame.x, range=frame.y, **_config(frame))
    chart.x_labels = [{"value": value, "label": text} for value, text in frame.x_labels]
    for kind, of_kind in dots_by_kind.items():
        chart.add(kind, [{"value": (dot.x, dot.y), "node": _mark(kind, dot)} for dot in of_kind])
    return _finished(chart, frame)


def _config(frame: Frame) -> dict[str, Any]:
    labels = [{"value": value, "label": text} for value, text in frame.y_labels]
    size: dict[str, Any] = {
        "width": frame.width,
        "height": frame.height,
        "margin": 4,
        "spacing": 6,
        "x_label_rotation": frame.turned,
    }
    if frame.turned:
        size["margin_bottom"] = TURNED_PX
    return {"js": (), "css": (), "show_legend": False, "no_prefix": True, "y_labels": labels, **size}


def _mark(kind: str, dot: Dot) -> dict[str, str]:
    """Return what pygal writes to a mark's element; _finished reads it from there."""
    away = LABEL_BELOW if dot.y < 0 else -LABEL_ABOVE
    carried = {"title": dot.title, "label": dot.label, "link": dot.link, "away": str(away)}
    return {"class": kind, **{f"data-{name}": text for name, text in carried.items()}}


def _finished(chart: Any, frame: Frame) -> str:
    """Return the chart as a page may hold it."""
    root = _copied(chart.render_tree())
    _explain(root)
    _shape(root)
    root.attrib.pop("id", None)
    root.attrib |= {
        "xmlns": SVG,
        "viewBox": f"0 0 {frame.width} {frame.height}",
        "role": "img",
        "aria-label": frame.about,
    }
    return ElementTree.tostring(root, encoding="unicode")


def _copied(element: Any) -> Element:
    """Return an element of pygal's tree (of lxml where that is installed) with all that a page may hold of it."""
    own = Element(element.tag)
    own.text = element.text
    for name, value in element.attrib.items():
        own.set(name, _short(value) if name in _NUMBERS else value)
    own.extend(_copied(child) for child in element if isinstance(child.tag, str) and child.tag not in _LEFT_OUT)
    return own


def _explain(root: Element) -> None:
    """Give each mark its title and label, and draw the lines between dots of one name below all of them."""
    first_by_link: dict[str, Element] = {}
    lines: list[Element] = []
    for group in list(root.iter("g")):
        for mark in group.findall("circle[@data-title]"):
            title, label, link, away = (mark.attrib.pop(f"data-{name}") for name in TOLD)
            ElementTree.SubElement(mark, "title").text = title
            if label:
                group.append(_label(mark, label, float(away)))
            if link and first_by_link.setdefault(link, mark) is not mark:
                lines.append(_line(first_by_link[link], mark))
    for overlay in root.findall("g/g[@class='plot overlay']"):
        overlay[:0] = lines


def _shape(root: Element) -> None:
    """Give each mark the shape that its class says."""
    for mark in list(root.iter("circle")):
        if path := path_of(mark.get("class", "")):
            x, y, radius = (mark.attrib.pop(name, "0") for name in ("cx", "cy", "r"))
            mark.tag = "path"
            mark.attrib |= {"d": path, "transform": f"translate({x} {y}) scale({radius})"}


def path_of(kind: str) -> str:
    """Return the shape of a kind of mark, around 0, 0 for a radius of 1; "": it is a circle."""
    return next((SHAPES[word] for word in kind.split() if word in SHAPES), "")


def _label(mark: Element, text: str, away: float) -> Element:
    """Return what is written at a mark, so many pixels above its edge (below 0) or below it."""
    radius = float(mark.get("r", "0"))
    y = float(mark.get("cy", "0")) + away + (radius if away > 0 else -radius)
    label = Element(
        "text", {"x": mark.get("cx", "0"), "y": f"{y:.{DIGITS}f}", "class": f"name {mark.get('class', '')}"}
    )
    label.text = text
    return label


def _line(first: Element, second: Element) -> Element:
    ends = {"x1": first.get("cx"), "y1": first.get("cy"), "x2": second.get("cx"), "y2": second.get("cy")}
    return Element("line", {name: _short(value or "0") for name, value in ends.items()} | {"class": "link"})


def _short(number: str) -> str:
    try:
        return f"{float(number):.{DIGITS}f}".removesuffix(".0")
    except ValueError:  # "100%"
        return number
