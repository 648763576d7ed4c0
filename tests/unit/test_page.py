"""Pages without a network: lean pictures, inert data, marks."""

import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageChops

from coalitions import page
from coalitions.figures import style

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ["</script><script>alert(1)</script>", "<!-- <script>", "<img src=x onerror=alert(1)>", "a\u2028b\u2029c", "&lt;/script&gt;", "@@style.css@@", '"\\', "\x00", "é 中 😀"]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """An SVG as the figures of the project are saved, with text, repeated styles, a clip and markers, and its bitmap."""
    figure = style.new(3, 2)
    axes = figure.subplots()
    for i in range(5):
        axes.plot([0, 1.23456789], [i, -0.0049], color="#D55E00", label=f"line {i} 'q' & <b>")
    axes.scatter([0.1, 0.2, 0.3], [1, 2, 3])
    axes.legend()
    folder = tmp_path_factory.mktemp("drawing")
    style.save(figure, *(folder / f"x.{form}" for form in ("svg", "png", "pdf")))
    return (folder / "x.svg").read_text(encoding="utf-8"), (folder / "x.png").read_bytes()


def shapes(svg):
    """Names of the drawing's elements in order, its styles with classes resolved, and the numbers of its paths."""
    root = ET.fromstring(svg)
    rules = dict(re.findall(r"\.(s\d+)\{([^}]*)\}", svg))
    names, styles, numbers = [], [], []
    for element in root.iter():
        name = element.tag.split("}")[-1]
        if name in ("path", "use", "g", "clipPath", "rect"):
            names.append(name)
            styles.append(element.get("style") or rules.get(element.get("class")))
            numbers += [float(x) for x in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", element.get("d") or "")]
    return names, styles, numbers


def test_a_lean_drawing_has_the_same_shapes_styles_and_places(drawing):
    before, after = shapes(drawing[0]), shapes(page.lean_svg(drawing[0]))
    assert before[:2] == after[:2]
    assert before[2] == pytest.approx(after[2], abs=0.0051)
    assert len(page.lean_svg(drawing[0])) < 0.7 * len(drawing[0])


def test_what_a_lean_drawing_refers_to_is_in_it(drawing):
    lean = page.lean_svg(drawing[0])
    referred = set(re.findall(r'href="#(\w+)"|url\(#(\w+)\)', lean))
    assert referred
    assert {a or b for a, b in referred} <= set(re.findall(r' id="(\w+)"', lean))


def test_a_lean_drawing_is_the_same_on_every_run_and_lean_already(drawing):
    lean = page.lean_svg(drawing[0])
    assert lean == page.lean_svg(drawing[0])
    assert shapes(page.lean_svg(lean)) == shapes(lean)


def test_the_address_of_a_picture_stays_inside_its_quotes_and_means_the_drawing(drawing):
    from urllib.parse import unquote

    lean = page.lean_svg(drawing[0])
    address = page.data_uri(lean)
    assert not set(address) & set('"<>#&\n')
    assert shapes(unquote(address.removeprefix("data:image/svg+xml,"))) == shapes(lean)


def test_a_lean_bitmap_looks_the_same_and_is_smaller(drawing):
    lean = page.lean_png(drawing[1])
    before, after = (Image.open(io.BytesIO(content)).convert("RGB") for content in (drawing[1], lean))
    assert before.size == after.size
    assert max(high for _, high in ImageChops.difference(before, after).getextrema()) < 40
    assert Image.open(io.BytesIO(lean)).info["dpi"] == pytest.approx(Image.open(io.BytesIO(drawing[1])).info["dpi"])
    assert len(lean) < len(drawing[1])
    assert page.lean_png(drawing[1]) == lean


def test_pictures_are_put_into_a_page_with_their_room(drawing):
    html = page.pictured('<img src="figures/x.svg" alt="a">\n<img src="figures/x.png" alt="b"><img src="other.svg">', {"x": drawing[0]}, {"x": b"png"})
    assert html.count('<img width="288" height="192" src="data:image/') == 2
    assert 'src="data:image/png;base64,cG5n" alt="b"' in html
    assert html.endswith('<img src="other.svg">')


def test_a_picture_that_nobody_drew_or_that_has_no_size_is_refused(drawing):
    with pytest.raises(KeyError):
        page.pictured('<img src="figures/y.svg">', {"x": drawing[0]}, {})
    with pytest.raises(ValueError, match="no view box"):
        page.size("<svg></svg>")


def test_header_cells_get_a_scope_and_nothing_else_does():
    assert page.scoped('<thead><tr><th>a</th><th style="x">b</th>') == '<thead><tr><th scope="col">a</th><th scope="col" style="x">b</th>'


class Scripts(HTMLParser):
    """The elements of a page, and the text of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.names, self.texts, self.inside = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.inside = tag == "script"
        if self.inside:
            self.texts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_data_stays_data(text):
    parsed = Scripts(f'<script type="application/json">{page.inert({text: [text]})}</script><p>')
    assert parsed.names == ["script", "p"]
    assert json.loads(parsed.texts[0]) == {text: [text]}


def test_data_that_are_no_json_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        page.inert(float("nan"))


def test_marks_are_replaced_once_and_all_of_them():
    assert page.filled("<@@a@@> @@b.css@@", {"a": "@@b.css@@", "b.css": "x"}) == "<@@b.css@@> x"
    with pytest.raises(KeyError):
        page.filled("@@a@@ @@b@@", {"a": ""})
    with pytest.raises(ValueError, match="no mark for b"):
        page.filled("@@a@@", {"a": "", "b": ""})


def test_a_figure_without_text_can_be_made_lean(tmp_path):
    figure = Figure(figsize=(1, 1))
    figure.savefig(tmp_path / "x.svg")
    assert shapes(page.lean_svg((tmp_path / "x.svg").read_text(encoding="utf-8")))[0] == ["g", "g", "path"]


MARKDOWN = """
See [here](#fig:two) and [there](#tbl:one).

| a | b |
|---|---|
| 1 | 2 |

: Title. {#tbl:one}

![First](figures/one.svg){#fig:one alt="one"}

![Second](figures/two.svg){#fig:two width=80% alt="two"}

::: {.folded summary="More"}

![Third](figures/spec_x.svg){#fig:spec_x width=80% alt="three"}

:::

$$x^2$$
"""


def converted(form):
    import pypandoc

    return pypandoc.convert_text(MARKDOWN, form, "markdown", extra_args=[f"--lua-filter={ROOT / 'workflow' / 'report' / 'number.lua'}", "--wrap=none", "--mathml"])


def test_the_filter_numbers_names_folds_and_defers():
    html = converted("html5")
    assert '<a href="#fig:two">Figure\u00a02</a>' in html.replace("&nbsp;", "\u00a0")
    assert '<a href="#tbl:one">Table\u00a01</a>' in html.replace("&nbsp;", "\u00a0")
    images = re.findall(r"<img\b[^>]*>", html, flags=re.S)
    assert ["loading" in image for image in images] == [False, True, True]
    assert "figures/spec_x.png" in images[2]
    assert "width" not in "".join(images)
    assert re.search(r"<details>\s*<summary>More</summary>.*spec_x.*</details>", html, flags=re.S)
    assert html.count('<div class="scroll" role="group" tabindex="0"') == 2
    assert '<a href="../figures/one.csv">Numbers</a>' in html


def test_word_gets_bitmaps_and_print_the_folded_pictures():
    typst = converted("typst")
    assert "spec_x.svg" in typst
    assert "details" not in typst
    assert "Figure 2" in typst.replace("\u00a0", " ").replace("~", " ")


def test_the_filter_gives_the_same_bytes_on_every_run():
    assert len({converted("html5") for _ in range(6)}) == 1


def test_a_picture_in_small_is_small_and_shows_the_same(drawing):
    content = page.thumbnail(drawing[1])
    small, large = (Image.open(io.BytesIO(data)).convert("RGB") for data in (content, drawing[1]))
    assert small.width <= page.THUMB[0]
    assert small.height <= page.THUMB[1]
    assert small.width / small.height == pytest.approx(large.width / large.height, rel=0.02)
    apart = ImageChops.difference(small, large.resize(small.size, Image.Resampling.LANCZOS)).convert("L").histogram()
    assert sum(value * n for value, n in enumerate(apart)) / sum(apart) < 8
    assert page.thumbnail(drawing[1]) == content


@pytest.fixture(scope="module")
def word():
    """Pandoc's template of Word files and the look of the report."""
    import subprocess

    import pypandoc
    import yaml

    template = subprocess.run([pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"], check=True, capture_output=True).stdout
    return template, yaml.safe_load((ROOT / "workflow" / "report" / "word.yaml").read_text(encoding="utf-8"))


def test_the_word_template_has_the_look_that_is_asked_for_and_the_same_bytes_twice(word):
    import zipfile

    template, look = word
    made = page.word_template(template, look)
    assert made == page.word_template(template, look)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            ET.fromstring(part)
    styles, document = parts["word/styles.xml"].decode(), parts["word/document.xml"].decode()
    assert f'w:name w:val="{look["cells"]["name"]}"' in styles
    assert f'w:w="{look["page"]["width"]}"' in document


def test_a_style_that_the_word_template_lacks_is_named(word):
    template, look = word
    with pytest.raises(ValueError, match="no style 'Nothing'"):
        page.word_template(template, look | {"spacing": {"Nothing": [0, 0]}})


def test_a_picture_is_embedded_also_where_its_tag_is_broken_over_lines(drawing):
    svg, bitmap = drawing
    html = page.pictured('<p><img\nsrc="thumbs/x.png" alt="small" /><img\nsrc="figures/x.svg" alt="large" /></p>', {"x": svg}, {"x": bitmap})
    assert re.findall(r'src="(?!data:)[^"]*"', html) == []
    assert html.count('alt="small"') == html.count('alt="large"') == 1
