"""Functions of the Variable Geometry pipeline: tables in, tables out.

No module here knows a path of the project, prints, or imports snakemake. `coalitions.io` is the only one that opens files.
"""

__version__ = "0.3.0"
