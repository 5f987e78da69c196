"""The live pages in a real browser, before a real server: they change by themselves, and work without a script too.

Without chromium these tests are skipped, where CI is set they fail. One server and one browser serve all of them.
"""

import os
import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.events import write
from tests.live_day import at_ns, files, rows, sheet
from tests.serving import PATIENCE_S, centesimo, serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="chromium is not installed here")

PATIENCE_MS = 1000 * PATIENCE_S
RACE = "crono/2027/race/1/"
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 800}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
DAY = rows(3, missing=0, gone=0)


def until(hour):
    """Return the file of what passed in leg 1 before an hour."""
    return sheet([passing for passing in DAY if passing.at_ns < at_ns("L1", hour)])


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


class Day:
    """A served event to which passages are added hour by hour."""

    def __init__(self, folder, server):
        self.folder = folder
        self.url = server.url

    def go_to(self, hour):
        """Add what passed until an hour."""
        path = self.folder / f"{hour.replace(':', '')}.csv"
        path.write_text(until(hour))
        centesimo(self.folder, "load", str(path))


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("event")
    texts = files()
    texts["entries.csv"] = texts["entries.csv"].replace("Crew 112 and partner", LONG)
    write(folder, texts)
    with serving(folder) as server:
        made = Day(folder, server)
        made.go_to("08:17")
        yield made


@pytest.fixture
def opened(browser, day):
    """Give what opens a page; at the end nothing that it asked for came from elsewhere, and nothing failed in it."""
    contexts, wrong = [], []

    def open_page(path, **options):
        context = browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(day.url) else None)
        page.goto(day.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def text_of(page, query):
    return " ".join(page.locator(query).all_inner_texts())


def test_a_page_changes_without_a_reload(opened, day):
    page, crew = opened(RACE), opened(f"{RACE}crew/104/", viewport=PHONE)
    page.evaluate("window.kept = true")
    revision = page.locator(".revision").inner_text()
    assert crew.locator("tr.coming").count() > 5
    day.go_to("08:19")
    expect(page.locator(".revision")).not_to_have_text(revision, timeout=PATIENCE_MS)
    expect(crew.locator(".times .dev").first).to_have_text(re.compile(r"\d"), timeout=PATIENCE_MS)
    assert page.evaluate("window.kept")


def test_offline_and_back(opened, day):
    page = opened(RACE)
    expect(page.locator("html")).to_contain_class("js")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")  # as a phone that finds a network without a way out
    expect(page.locator(".stale")).to_contain_text("No connection", timeout=PATIENCE_MS)
    revision = page.locator(".revision").inner_text()
    day.go_to("08:21")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".revision")).not_to_have_text(revision, timeout=PATIENCE_MS)
    assert page.locator(".stale").inner_text() == ""


def test_news_that_cannot_be_fetched_at_once_come_later(opened, day):
    page = opened(RACE)
    expect(page.locator("html")).to_contain_class("js")
    revision = page.locator(".revision").inner_text()
    page.route("**/*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_())
    day.go_to("08:22")  # the stream tells of it
    expect(page.locator(".stale").first).to_contain_text("No connection", timeout=PATIENCE_MS)
    page.unroute_all()
    expect(page.locator(".revision").first).not_to_have_text(revision, timeout=PATIENCE_MS)
    expect(page.locator(".stale").first).to_have_text("", timeout=PATIENCE_MS)


def test_without_a_script_in_italian(opened):
    page = opened(RACE, java_script_enabled=False, locale="it-IT")
    assert page.locator("html").get_attribute("lang") == "it"
    assert page.locator("table.live tbody tr[data-n]").count() == 12
    assert "Appena passati" in text_of(page, "h2")
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1
    assert page.locator(".search").is_hidden()


PAGES = [
    RACE,
    f"{RACE}overall/teams/",
    f"{RACE}crew/112/",
    f"{RACE}after-PC-A1/",
    "crono/2027/race/2/crew/1/",
    "crono/2027/",
    "crono/2027/race/2/",
    "speaker/",
]


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_page(opened, viewport, locale, day):
    page = opened("crono/2027/", viewport=viewport, locale=locale)
    for path in PAGES:
        page.goto(day.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"], path


def test_what_is_missing_of_a_crew_takes_no_room_from_its_name(opened):
    page = opened(f"{RACE}leg-L1/")
    chip = page.locator(".where .chip").first
    chip.evaluate("chip => { chip.textContent = 'open: A1, A2, A3, A4, B1, B2, B3 missing'; }")
    crew, where = (page.locator(f"tbody[data-part] tr .{name}").first.bounding_box() for name in ("crew", "where"))
    assert crew["width"] > 1.5 * where["width"]
    assert chip.bounding_box()["height"] < 60  # three lines


def test_search_and_favourites_by_the_keyboard(opened):
    page = opened(RACE)
    page.get_by_role("searchbox").press_sequentially("105")
    expect(page.locator("tbody[data-part] tr:not([hidden])")).to_have_count(1)
    page.get_by_role("searchbox").fill("nobody at all")
    assert page.locator(".none").is_visible()
    page.get_by_role("searchbox").fill("")
    star = page.locator("tbody[data-part] tr[data-n='105'] .star")
    star.focus()
    page.keyboard.press("Enter")
    assert star.get_attribute("aria-pressed") == "true"
    page.reload()
    assert page.locator(".favourites tr[data-n='105']").is_visible()
    assert page.get_by_role("button", name="Follow crew 105").first.get_attribute("aria-pressed") == "true"


def test_stars_stand_by_the_names_of_crews_alone(opened, day):
    page = opened(f"{RACE}crew/103/")
    expect(page.locator(".star")).to_have_count(1)
    page.goto(f"{day.url}speaker/")
    expect(page.locator("html")).to_contain_class("js")
    expect(page.locator("[data-n]")).not_to_have_count(0)
    expect(page.locator(".star")).to_have_count(0)


def test_light_and_dark_and_print(opened):
    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page = opened(RACE)
    assert paper(page) == "rgb(253, 252, 249)"
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator("aside").is_hidden()
    assert page.locator("table.live thead").is_visible()
    assert paper(opened(RACE, color_scheme="dark")) == "rgb(23, 22, 20)"


def test_a_screen_turns_its_pages(opened, browser, day):
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.clock.install()
    page.goto(f"{day.url}screen/")
    sheets = page.locator("main section")
    count = sheets.count()
    assert count >= 2
    assert [sheets.nth(place).is_visible() for place in range(2)] == [True, False]
    page.clock.fast_forward(10_000)
    assert [sheets.nth(place).is_visible() for place in range(2)] == [False, True]
    height = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.who')).fontSize)")
    assert height >= 50  # 32 mm on a television of 55 inches
    context.close()
