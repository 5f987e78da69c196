"""The pages in a real browser: nothing is wider than a phone, nothing is loaded from elsewhere, they can be printed.

Each page is laid into frames of a phone's and of a desk's width by a page of our own, which measures and writes down
what it finds; the pages themselves hold no script. Without chromium these tests are skipped, where CI is set they fail.
"""

import json
import os
import re
import shutil
import subprocess
import zlib
from html import unescape

import pytest

from centesimo.compute import Outcome
from centesimo.picture import pictures
from centesimo.publish.compare import Team, compare
from centesimo.publish.further import files_of
from centesimo.publish.page import further_page, index, is_parted, page
from simulate.driven import Course, driven
from tests.postings import FIRST, OFFICIAL, big, content, line, open_score, score, small
from tests.test_render import two_legs

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# As root there is no sandbox; nothing of its own may go out.
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--hide-scrollbars"),
    *("--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
PLACED = ("position", "start_number", "coefficient", "total", "gap", "ahead")
PHONE, TABLET, DESK = 390, 768, 1280
SMALL_PHONE = 320

pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="chromium is not installed here")


def long_words():
    """Return a ranking of names that cannot be broken, a long list of doubts and findings, and very large totals."""
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 2
    lines = [
        line(
            1,
            99_999,
            "-198487.00",
            "0",
            [score("PC1", "-100"), open_score("PC2", word)],
            crew=word,
            car=word,
            team=word,
        )
    ]
    return content(lines, event=word, race={"id": "classic", "name": word}, findings=[{"text": word}])


def partly_multiplied():
    """Return a ranking of five controls in which the coefficient multiplies a part of each net."""
    found = big(8, 5)
    for one in found["lines"]:
        one["multiplied"] = str(int(one["net"]) - 1)
    return found


def changed():
    """Return a small ranking with what changed in it."""
    before, after = small(), small()
    after["lines"][0]["scores"][0] = score("PC1", "5")
    after["lines"][0].update(total="5", net="5", position=2)
    after["rulebook"] = {"name": "other.toml", "digest": "12" * 32}
    return page(after, OFFICIAL, "ef" * 32, compare(before, after))


def with_cups(names=("Ladies", "Category RC1", "Teams")):
    """Return a small ranking with further rankings: of crews, and of teams with long names and many cars."""
    found = small()
    crews = [{key: one[key] for key in PLACED} for one in found["lines"][:2]]
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 2
    ends = {"gap": "-198487.00", "ahead": "0.50", "status": ""}
    teams = [
        {"name": name, "position": 1, "total": "12.70", "start_numbers": [*range(9)], "totals": ["9.00"] * 9, **ends}
        for name in ("Team East", word)
    ]
    found["further"] = [{"id": name, "name": name, "by": "", "crews": crews, "teams": []} for name in names[:-1]]
    found["further"].append({"id": "t", "name": names[-1], "by": "team", "crews": [], "teams": teams})
    return found


def cup(place, text=OFFICIAL):
    """Return the page of one of the further rankings."""
    found = with_cups()
    file, further = list(files_of(found))[place]
    changes = (Team("Team East", (2, 1), ("13.70", "12.70"), ("12: 5 → 4", "now ahead of West")),) if place else None
    return further_page(found, further, file, text, "ef" * 32, changes)


def drawn(file):
    """Return a page of the pictures of a day of 60 crews."""
    day = driven(Course(1, crews=60))
    outcome = Outcome(tuple(day.passages.values()), (), tuple(day.scores), (), ())
    return dict(pictures(day.event, outcome, {file}))[file]


def opened(text):
    """Return a page with every crew unfolded."""
    return text.replace("<details>", "<details open>")


PAGES = {
    "small": lambda: page(small(), FIRST, "ef" * 32, None),
    "unfolded": lambda: opened(page(small(), FIRST, "ef" * 32, None)),
    "nobody": lambda: page(content([]), FIRST, "ef" * 32, None),
    "no control": lambda: page(content([line(1, 7, "0", "0", [])], ()), FIRST, "ef" * 32, None),
    "nine controls": lambda: page(big(30, 9), FIRST, "ef" * 32, None),
    "fifteen controls": lambda: page(big(30, 15), FIRST, "ef" * 32, None),
    "150 controls": lambda: opened(page(big(12, 150), FIRST, "ef" * 32, None)),
    "long words": lambda: opened(page(long_words(), FIRST, "ef" * 32, None)),
    "two legs": lambda: opened(page(two_legs(), FIRST, "ef" * 32, None)),
    "a part multiplied": lambda: opened(page(partly_multiplied(), FIRST, "ef" * 32, None)),
    "changes": changed,
    "links to further rankings": lambda: page(
        with_cups([f"Category RC{n}" for n in range(20)]), FIRST, "ef" * 32, None
    ),
    "ladies": lambda: opened(cup(0)),
    "teams": lambda: cup(2),
    "all pictures": lambda: drawn("index.html"),
    "a picture of a point": lambda: drawn("point-A2.html").replace("<details>", "<details open>"),
    "a picture of a crew": lambda: drawn("crew-7.html").replace("<details>", "<details open>"),
    "index": lambda: index(
        "Small Event", [(small(), FIRST), (two_legs(), OFFICIAL), (long_words(), FIRST), (with_cups(), FIRST)]
    ),
}
WIDTHS = (SMALL_PHONE, PHONE, TABLET, DESK)

# A page that lays every page into a frame of every width and writes down what it finds there.
MEASURE = """<!DOCTYPE html><meta charset="utf-8"><body><pre id="found"></pre><script>
const cases = %s, found = {};
async function measure(file, width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = "border:0;height:844px;width:" + width + "px";
  frame.src = file;
  await new Promise(loaded => { frame.onload = loaded; document.body.append(frame); });
  const page = frame.contentDocument, shown = element => element.getClientRects().length > 0;
  const see = name => [...page.querySelectorAll(name)].filter(shown).map(element => element.innerText);
  frame.contentWindow.scrollTo(10000, 0);
  const box = page.querySelector(".frame.wide"), inside = box && box.scrollWidth > box.clientWidth;
  if (inside) box.scrollTo(10000, 0);
  const right = page.documentElement.clientWidth, at = name => {
    const element = [...page.querySelectorAll(name)].find(shown);
    return element ? Math.round(element.getBoundingClientRect().left) : null;
  };
  found[file + " " + width] = {
    viewport: frame.contentWindow.innerWidth, wide: page.documentElement.scrollWidth,
    scrolled: frame.contentWindow.scrollX, inside, crew: at("td.crew"), total: at("td.total"), right,
    head: see("thead th").length, controls: see("td.c").length, why: see(".why li").length,
    reasons: see(".why i").length, loaded: frame.contentWindow.performance.getEntriesByType("resource").length,
  };
  frame.remove();
}
(async () => {
  for (const [file, width] of cases) await measure(file, width);
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script></body>
"""


def chromium(folder, *words):
    """Run the browser with a profile of its own; return its standard output."""
    assert CHROMIUM, "expected chromium to be installed where CI is set"
    profile = folder / "profile"
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *words]
    ran = subprocess.run(command, capture_output=True, timeout=120, check=False)
    shutil.rmtree(profile, ignore_errors=True)
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")[-2000:]
    return ran.stdout.decode()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return what was measured of every page at every width."""
    folder = tmp_path_factory.mktemp("pages")
    for name, make in PAGES.items():
        (folder / f"{name}.html").write_text(make(), encoding="utf-8")
    cases = [[f"{name}.html", width] for name in PAGES for width in WIDTHS]
    (folder / "measure.html").write_text(MEASURE % json.dumps(cases), encoding="utf-8")
    out = chromium(folder, "--virtual-time-budget=60000", "--dump-dom", (folder / "measure.html").as_uri())
    text = re.search(r'<pre id="found">(.*?)</pre>', out, re.DOTALL)[1]
    return {tuple(key.rsplit(".html ", 1)): value for key, value in json.loads(unescape(text)).items()}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_its_window(found, name, width):
    one = found[name, str(width)]
    assert one["viewport"] == width
    assert (one["wide"], one["scrolled"]) == (one["right"], 0)
    assert one["loaded"] == 0


# page, width: whether the heads of columns, cells of controls, lines of what unfolds and their reasons are shown.
SHOWN = [
    ("small", PHONE, (False, False, True, False)),
    ("small", DESK, (True, True, False, False)),
    ("unfolded", PHONE, (False, False, True, True)),
    ("unfolded", DESK, (True, True, True, True)),
    ("fifteen controls", PHONE, (False, False, False, False)),
    ("fifteen controls", DESK, (True, True, False, False)),
    ("150 controls", PHONE, (False, False, True, True)),
    ("150 controls", DESK, (True, True, True, True)),
]


@pytest.mark.parametrize(("name", "width", "shown"), SHOWN, ids=[f"{row[0]} {row[1]}" for row in SHOWN])
def test_what_is_shown_where(found, name, width, shown):
    one = found[name, str(width)]
    assert tuple(one[part] > 0 for part in ("head", "controls", "why", "reasons")) == shown


def test_many_controls_scroll_with_crew_and_total_in_sight(found):
    one = found["150 controls", str(DESK)]
    assert one["inside"]
    # Scrolled to the far right, the first crew is still at the left edge and its total at the right one.
    assert 0 <= one["crew"] < DESK // 4
    assert DESK * 3 // 4 < one["total"] < one["right"]


def pages_of(pdf):
    """Return (width, height) in points of each page of a PDF, compressed objects and all."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    texts = [pdf]
    for one in packed:
        inflate = zlib.decompressobj()
        try:
            texts.append(inflate.decompress(one))
        except zlib.error:  # not every stream is compressed
            continue
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", b"\n".join(texts))
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


# page, how many sheets of paper at least and at most: A4 landscape is 842 x 595 points.
PRINTED = [("small", 1, 2), ("150 controls", 2, 6)]


@pytest.mark.parametrize(("name", "least", "most"), PRINTED, ids=[row[0] for row in PRINTED])
def test_a_page_is_printed_on_a4_landscape(tmp_path, name, least, most):
    (tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")
    pdf = tmp_path / "page.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", (tmp_path / "page.html").as_uri())
    sizes = pages_of(pdf.read_bytes())
    assert least <= len(sizes) <= most
    assert set(sizes) == {(842, 595)}


def test_many_controls_lie_in_a_page_beside(tmp_path):
    """400 crews at 112 trials: the totals weigh less than 400 KB, and a crew's name leads to its times, unfolded."""
    ranking = big(400, 112)
    assert is_parted(ranking)
    assert not is_parted(big(3, 13))
    text = page(ranking, FIRST, "ef" * 32, None, times="classic-L1-times")
    assert len(text.encode()) < 400_000
    number = ranking["lines"][7]["start_number"]
    assert f'<a href="classic-L1-times.html#n{number}">' in text
    assert 'class="c"' not in text
    (tmp_path / "classic-L1-times.html").write_text(page(big(12, 112), FIRST, "ef" * 32, None), encoding="utf-8")
    script = """<iframe src="classic-L1-times.html#n%s" style="width:1280px"></iframe><pre id="found"></pre>
    <script>onload = () => { const page = document.querySelector("iframe").contentDocument;
    document.getElementById("found").textContent = [...page.querySelectorAll(".why")]
      .filter(row => row.getClientRects().length).map(row => row.parentNode.id).join(); }</script>"""
    (tmp_path / "measure.html").write_text(script % number, encoding="utf-8")
    out = chromium(tmp_path, "--virtual-time-budget=5000", "--dump-dom", (tmp_path / "measure.html").as_uri())
    assert f'<pre id="found">n{number}</pre>' in out


def test_the_second_sheet_of_paper_says_of_what_it_is():
    ranking = content([line(1, 7, "0", "0", [])], (), event='A "great" </style> day')
    text = page(ranking, FIRST, "ef" * 32, None)
    (css,) = re.findall(r"@top-left \{ content: (\".*?\");", text)
    # The letters " < / > of the name, and the middle dots between the parts.
    assert css.startswith('"A \\000022great\\000022 \\00003c\\00002fstyle\\00003e day ')
    assert css.endswith('provisional, version 1"')
    assert text.count("</style>") == 1
