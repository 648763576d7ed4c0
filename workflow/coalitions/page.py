"""Pages that need no network: pictures, styles and scripts become part of one HTML file, text of the register becomes inert data.

Text in, text out; the same input gives the same bytes.
"""

import base64
import io
import json
import re
import zipfile
from collections import Counter

from PIL import Image

# Coordinates of a drawing in points: a hundredth of a point is finer than a screen of today.
_COORDINATES = re.compile(r'\b(d|points)="([^"]*)"')
_PLACE = re.compile(r"\b(translate)\(([^)]*)\)")
_DECIMALS = re.compile(r"-?\d+\.\d+")
_RESERVED = re.compile(r"[%#<>&\"\\^`{|}\x00-\x1f\x7f-\U0010ffff]")
_PICTURE = re.compile(r'<img\s+src="(figures|validation|thumbs)/([A-Za-z0-9_]+)\.(svg|png)"')
THUMB = (640, 460)  # the largest width and height of a picture in small, in pixels
_MARK = re.compile(r"@@([a-z_.]+)@@")


def lean_svg(text: str) -> str:
    """A drawing of the same look with about a third of the bytes: no prolog, metadata, comments and line breaks, coordinates to a hundredth of a point, no name
    that nothing refers to, and each style that stands often written once."""
    text = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text)).strip().replace("xlink:href=", "href=")
    text = _COORDINATES.sub(lambda m: f'{m[1]}="{_shorter(m[2])}"', text)
    text = _PLACE.sub(lambda m: f"{m[1]}({_DECIMALS.sub(_rounded, m[2])})", text)
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", text)
    names = {name: f"n{i}" for i, name in enumerate(sorted(used & set(re.findall(r' id="([^"]*)"', text))))}
    text = re.sub(r'( id="|href="#|url\(#)([\w-]+)', lambda m: m[1] + names.get(m[2], m[2]), text)
    styles = [style for style, times in Counter(re.findall(r' style="([^"]*)"', text)).items() if times > 2]
    classes = {style: f"s{i}" for i, style in enumerate(styles)}
    text = re.sub(r' style="([^"]*)"', lambda m: f' class="{classes[m[1]]}"' if m[1] in classes else m[0], text)
    return text.replace("</style>", "".join(f".{name}{{{style}}}" for style, name in classes.items()) + "</style>", 1)


def _rounded(number) -> str:
    short = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if short in ("", "-0") else short


def _shorter(path: str) -> str:
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", _DECIMALS.sub(_rounded, path)).replace(" -", "-").strip()


def lean_png(content: bytes) -> bytes:
    """A bitmap with a palette of 256 colours: a third of the bytes, and no colour further off than the eye sees (an octree, as cutting at the median takes five times as long)."""
    image, target = Image.open(io.BytesIO(content)), io.BytesIO()
    palette = image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(target, "PNG", dpi=image.info.get("dpi", (72, 72)))  # Word takes the size of a picture from it
    return target.getvalue()


def thumbnail(content: bytes) -> bytes:
    """A bitmap in small, with a palette: some twenty kilobytes, so that a page can show a figure a second time, as a link to it."""
    image, target = Image.open(io.BytesIO(content)).convert("RGB"), io.BytesIO()
    image.thumbnail(THUMB, Image.Resampling.LANCZOS)
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    return target.getvalue()


def word_template(content: bytes, look: dict) -> bytes:
    """Pandoc's template of Word files with another look, the same bytes for the same input.

    Parameters: the template (a zip archive); page, font, language, sizes, spacing and cells of tables as in workflow/report/word.yaml. Raises ValueError for a style that it lacks.
    """
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    parts = {item.filename: source.read(item) for item in source.infolist()}
    styles, theme, document = (parts[f"word/{name}.xml"].decode("utf-8") for name in ("styles", "theme/theme1", "document"))
    sizes = dict(look["sizes"])
    styles = _sized_defaults(styles, sizes.pop("default")).replace('w:val="en-US"', f'w:val="{look["language"]}"')
    for style, size in sizes.items():
        styles = _restyled(styles, style, "rPr", "sz", f'<w:sz w:val="{size}" /><w:szCs w:val="{size}" />')
    for style, (before, after) in look["spacing"].items():
        styles = _restyled(styles, style, "pPr", "spacing", f'<w:spacing w:before="{before}" w:after="{after}" />')
    cells = look["cells"]
    styles = re.sub(r'(<w:(?:left|right) w:w=")108(")', rf"\g<1>{cells['margin']}\2", styles)
    own = (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{cells["name"].replace(" ", "")}"><w:name w:val="{cells["name"]}" /><w:basedOn w:val="Normal" /><w:qFormat />'
        f'<w:pPr><w:spacing w:before="{cells["before"]}" w:after="{cells["after"]}" /></w:pPr>'
        f'<w:rPr><w:sz w:val="{cells["size"]}" /><w:szCs w:val="{cells["size"]}" /></w:rPr></w:style>'
    )
    width, height, margin = (look["page"][key] for key in ("width", "height", "margin"))
    sides = " ".join(f'w:{side}="{margin}"' for side in ("top", "right", "bottom", "left"))
    page = f'<w:pgSz w:w="{width}" w:h="{height}" /><w:pgMar {sides} w:header="567" w:footer="567" w:gutter="0" />'
    parts["word/styles.xml"] = styles.replace("</w:styles>", f"{own}</w:styles>").encode("utf-8")
    parts["word/theme/theme1.xml"] = re.sub(r'(<a:latin typeface=")[^"]*', rf"\g<1>{look['font']}", theme).encode("utf-8")
    parts["word/document.xml"] = document.replace("</w:sectPr>", f"{page}</w:sectPr>").encode("utf-8")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()


def _sized_defaults(styles: str, size: int) -> str:
    """The size of all text that no style sets."""
    defaults, rest = styles.split("</w:docDefaults>", 1)
    return re.sub(r'(<w:sz(?:Cs)? w:val=")\d+', rf"\g<1>{size}", defaults) + "</w:docDefaults>" + rest


def _restyled(styles: str, style: str, group: str, name: str, element: str) -> str:
    """One property of a style in the place of that which it had."""
    found = re.search(rf'<w:style [^>]*w:styleId="{style}".*?</w:style>', styles, re.S)
    if not found:
        raise ValueError(f"the template has no style {style!r}")
    text = re.sub(rf"<w:{name}(?:Cs)? [^>]*/>", "", found[0])
    if f"<w:{group}>" in text:
        text = text.replace(f"</w:{group}>", f"{element}</w:{group}>", 1)
    elif group == "pPr" and "<w:rPr>" in text:
        text = text.replace("<w:rPr>", f"<w:pPr>{element}</w:pPr><w:rPr>", 1)
    else:
        text = text.replace("</w:style>", f"<w:{group}>{element}</w:{group}></w:style>", 1)
    return styles[: found.start()] + text + styles[found.end() :]


def data_uri(svg: str) -> str:
    """A drawing as the address of an image in double quotes. Percent signs instead of base 64: a quarter shorter."""
    quoted = svg if "'" in svg else svg.replace('"', "'")
    return "data:image/svg+xml," + _RESERVED.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode("utf-8")), quoted)


def size(svg: str) -> tuple[int, int]:
    """Width and height of a drawing in pixels, from its view box in points. Raises ValueError if it has none."""
    box = re.search(r'<svg[^>]*\bviewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if not box:
        raise ValueError(f"no view box in {svg[:80]!r}")
    return round(float(box[1]) * 4 / 3), round(float(box[2]) * 4 / 3)


def pictured(html: str, drawings: dict[str, str], bitmaps: dict[str, bytes]) -> str:
    """A page with its pictures inside, each with the room that it takes.

    Parameters: the page; content of the SVG files and of the PNG files by name. Raises KeyError for one that the page shows and nobody drew. Pictures in small (`thumbs/`) are made
    of the bitmaps, once each.
    """
    small: dict[str, bytes] = {}

    def inside(match):
        folder, name, form = match.groups()
        if folder == "thumbs":
            content = small[name] = small.get(name) or thumbnail(bitmaps[name])
            width, height = Image.open(io.BytesIO(content)).size
            return f'<img width="{width}" height="{height}" src="data:image/png;base64,{base64.b64encode(content).decode("ascii")}"'
        width, height = size(drawings[name])
        address = data_uri(lean_svg(drawings[name])) if form == "svg" else "data:image/png;base64," + base64.b64encode(bitmaps[name]).decode("ascii")
        return f'<img width="{width}" height="{height}" src="{address}"'

    return _PICTURE.sub(inside, html)


def scoped(html: str) -> str:
    """Header cells say that they are those of a column (every table of the report has one header row)."""
    return re.sub(r"<th(?=[ >])", '<th scope="col"', html)


def inert(value) -> str:
    """Data, or a whole library, as JSON in a script element that nothing runs: no angle bracket, ampersand or line separator is left that could end or begin anything."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub(r"[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)


def filled(template: str, parts: dict[str, str]) -> str:
    """A template with its marks (@@name@@) replaced, in one pass, so that a mark in a part stays text.

    Raises KeyError for a mark without a part, ValueError for a part without a mark.
    """
    if unused := set(parts) - set(_MARK.findall(template)):
        raise ValueError(f"the template has no mark for {', '.join(sorted(unused))}")
    return _MARK.sub(lambda m: parts[m[1]], template)
