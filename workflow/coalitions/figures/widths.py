"""The widths of journal columns, and which figures are drawn for which. Plain data: the rules read it before any library is loaded."""

SINGLE, DOUBLE = 3.5, 7.2  # inches
# Figures that are not drawn for one column, and why; `spec` are the specification curves of all claims.
WIDE_ONLY = {
    "fig03_timeline": "A sheet of hundreds of rows with the names of operations, which is longer than a page as it is.",
    "fig22_theatres": "Each of its ten panels is as wide as one column already, and ten of them below one another are longer than a page.",
    "fig33_theatres_map": "On half the width the circles of neighbouring theatres cover one another, and so do their names.",
    "spec": "The names of the choices take as much room as on a page, so that hundreds of specifications would share an inch.",
}


def forms(figure: str) -> dict[str, float]:
    """The names under which a figure is published, with their widths: its own across two columns, and `<figure>_single` in one, if it is drawn for one."""
    return {figure: DOUBLE} | ({} if figure in WIDE_ONLY or figure.startswith("spec_") else {f"{figure}_single": SINGLE})


def narrow(width: float) -> bool:
    """Whether a figure of this width stands in one column: panels that stand beside one another on a page then stand below one another."""
    return width < DOUBLE
