"""The published report and its explorer: every link leads somewhere, every figure and table is named, and nothing comes from elsewhere."""

import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "report"
PAGES = ("report.html", "explorer.html")


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    """A page without its data and scripts, and its name."""
    text = (FOLDER / request.param).read_text(encoding="utf-8")
    return request.param, re.sub(r"<script\b[^>]*>.*?</script>", "", text, flags=re.S)


@pytest.fixture(scope="module")
def operations():
    text = (FOLDER / "explorer.html").read_text(encoding="utf-8")
    content = json.loads(re.search(r'<script type="application/json" id="content">(.*?)</script>', text, flags=re.S)[1])
    return set(content["drawn"])


def identifiers(text):
    return re.findall(r'\bid="([^"]+)"', text)


def links(text):
    return [unescape(address) for address in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', text)]


def test_no_two_elements_have_one_name(page):
    found = identifiers(page[1])
    assert len(found) == len(set(found))


def test_every_link_within_a_page_has_its_target(page):
    targets = set(identifiers(page[1]))
    inside = [unquote(link[1:]) for link in links(page[1]) if link.startswith("#")]
    assert inside
    assert [target for target in inside if target not in targets] == []


def test_every_link_to_a_file_of_the_project_finds_it(page):
    relative = {urlsplit(link).path for link in links(page[1])} - {""}
    relative = {path for path in relative if not path.startswith("//")} - {urlsplit(link).path for link in links(page[1]) if urlsplit(link).scheme}
    assert relative
    assert [path for path in sorted(relative) if not (FOLDER / unquote(path)).exists()] == []


def test_every_case_that_the_report_names_has_its_entry_in_the_explorer(operations):
    text = (FOLDER / "report.html").read_text(encoding="utf-8")
    cases = [link.split("#op-")[1] for link in links(text) if link.startswith("explorer.html#op-")]
    assert cases
    assert set(cases) <= operations


def test_the_explorer_has_every_operation_of_the_register(operations):
    lines = (ROOT / "data" / "raw" / "operations.csv").read_text(encoding="utf-8").splitlines()
    assert operations >= {line.split(",")[0] for line in lines[1:] if re.match(r"[a-z0-9-]+-\d{4},", line)}


def test_a_page_loads_nothing_from_elsewhere(page):
    assert re.findall(r'<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)="(?!data:)[^"]*"', page[1]) == []
    assert not re.search(r"@import|url\((?!#)[^)]*//", re.sub(r'"data:[^"]*"', "", page[1]))


def test_a_page_tells_a_screen_reader_what_it_is(page):
    text = page[1]
    assert re.search(r'<html[^>]* lang="en"', text)
    assert [text.count(f"<{landmark}") for landmark in ("main", "header", "nav", "h1")] == [1, 1, 1, 1]
    assert "Skip to the" in text
    assert [image for image in re.findall(r"<img\b[^>]*>", text) if not re.search(r'alt="[^"]+"', image)] == []
    assert [cell for cell in re.findall(r"<th\b[^>]*>", text) if "scope=" not in cell] == []
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", text)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_pictures_after_the_first_wait_until_they_are_seen():
    images = re.findall(r"<img\b[^>]*>", (FOLDER / "report.html").read_text(encoding="utf-8"))
    assert len(images) > 1
    assert [image[:60] for image in images[1:] if 'loading="lazy"' not in image or "width=" not in image] == []


def test_every_claim_has_its_page_with_all_its_parts():
    text = (FOLDER / "report.html").read_text(encoding="utf-8")
    claims = sorted(path.stem for path in (ROOT / "results" / "claims").glob("*.json"))
    for claim in claims:
        section = text.split(f'<section id="claim-{claim}"')[1].split("</section>")[0]
        for part in ("The brief", "What we tested.", "The answer.", "The picture.", "How robust.", "What could mislead.", "What would change our mind.", "Where the numbers are."):
            assert f"<strong>{part}</strong>" in section, (claim, part)
        assert f'href="../claims/{claim}.json"' in section
