"""Makes the package importable by a script, wherever it runs: on this machine, on a cluster node, in a conda environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
