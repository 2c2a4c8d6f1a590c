"""What a reader meets first: the finding, one number and one picture, and a command that changes something."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PAGES, open_page

CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
#: Width and height of a window, and the pixels within which answer and picture end.
WINDOWS = {"desktop": (1300, 900, 900), "phone": (390, 844, 1500)}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", CHAPTERS)
def test_finding_number_and_picture_come_first(
    browser: Browser, origins: dict[str, str], name: str, window: str
) -> None:
    width, height, end = WINDOWS[window]
    seen = open_page(
        browser, f"{origins['http']}/{name}", viewport={"width": width, "height": height}
    )
    page = seen.page
    answer = page.locator("article .say").first
    picture = page.locator("article .cell_output img, article .explore").first
    boxes = [part.bounding_box() for part in (page.locator("article h1").first, answer, picture)]
    bottoms = [box["y"] + box["height"] for box in boxes if box]
    assert len(bottoms) == 3
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] <= end
    assert re.search(r"\d", answer.inner_text())
    assert page.locator("article .chapter-line a.chapter-verdict").count() == 1
    page.context.close()


def test_fields_write_the_command(browser: Browser, origins: dict[str, str]) -> None:
    page = open_page(browser, f"{origins['file']}/{CHAPTERS[2]}").page
    box = page.locator(".change-it")
    command = box.locator("pre")
    start = command.inner_text().strip()
    assert re.fullmatch(r"papermill \S+ out\.ipynb -p \w+ \S+", start)
    changed = start.split()[-2]
    box.locator(f"input[name={changed}]").fill("")
    assert " -p " not in command.inner_text()
    box.locator("input[name=alpha]").fill("1.7; rm -r x")
    assert command.inner_text().strip().endswith(" -p alpha 1.7rm-rx")
    page.context.close()


def test_the_scorecard_shows_the_claims_of_one_verdict(
    browser: Browser, origins: dict[str, str]
) -> None:
    page = open_page(browser, f"{origins['file']}/book/scorecard.html").page
    every = page.locator(".claim").count()
    assert page.locator(".claim:visible").count() == every
    for verdict in ("reproduced", "partly", "undecided", "not-reproduced"):
        page.locator(f"#show-{verdict}").check()
        wanted = page.locator(f".claim-{verdict}").count()
        assert page.locator(".claim:visible").count() == wanted
    page.context.close()
