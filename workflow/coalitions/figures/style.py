"""One style for every figure, and its saving with reproducible bytes."""

from io import BytesIO
from itertools import pairwise

import matplotlib
from matplotlib.figure import Figure

from coalitions.io import replacing

# Okabe and Ito's palette; the three stay apart in grey and for every common kind of colour blindness.
COLOURS = {"ahc": "#D55E00", "un": "#0072B2", "regional": "#7A7A7A"}
NAMES = {"ahc": "Ad hoc coalitions", "un": "United Nations", "regional": "Regional organisations"}
VERDICTS = {"supported": "#0072B2", "negligible": "#B8B8B8", "inconclusive": "#E5D5A0", "contradicted": "#D55E00", "not-estimable": "#FFFFFF"}
INK, PALE = "#222222", "#D9D9D9"
SINGLE, DOUBLE = 3.5, 7.2  # inches: the widths of journal columns

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.parse_math": False,  # names of operations are text, whatever signs they hold
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "axes.grid": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.hashsalt": "variable-geometry",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "savefig.dpi": "figure",
}


class Picture(Figure):
    """A figure that a notebook shows: Jupyter asks for its bitmap, and no drawing backend has to be set up for it."""

    def _repr_png_(self) -> bytes:
        """The figure as PNG, half as fine as in print, with the same bytes on every run."""
        target = BytesIO()
        self.savefig(target, format="png", dpi=self.dpi / 2, metadata={"Software": None})
        return target.getvalue()


def new(width: float, height: float, dpi: int = 300) -> Picture:
    """An empty figure in the style; sizes in inches, `dpi` of its bitmap."""
    matplotlib.rcParams.update(RC)
    return Picture(figsize=(width, height), dpi=dpi)


def save(figure: Figure, svg, png, pdf) -> None:
    """Write the three forms of a figure without a time stamp, so that the same figure has the same bytes."""
    for path, metadata in ((svg, {"Date": None}), (png, {"Software": None}), (pdf, {"CreationDate": None, "ModDate": None})):
        with replacing(path) as partial:
            figure.savefig(partial, metadata=metadata)


def decimal_year(days):
    """Days as years with decimals: of a series of days, or of one day."""
    parts = days.dt if hasattr(days, "dt") else days
    return parts.year + (parts.dayofyear - 1) / 365.25


def place_labels(values: list[float], gap: float) -> list[float]:
    """Heights for direct labels at line ends, moved apart until neighbours are `gap` from each other, order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = list(values)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return placed
