"""Makes the environment in .venv/run from the hashed lock: with uv if it can be had, else with pip. Needs nothing but Python 3.11 or later.

    python3 envs/install.py [--without-uv] [--notebooks]

`--notebooks` makes a second environment beside it, .venv/jupyter, that holds JupyterLab and nothing of the study; its one kernel is the interpreter of .venv/run, so that
a notebook opened by hand has the libraries that the pipeline has.

A second call with the same locks and interpreter does nothing. Once installed, nothing of the project needs the network.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVS, VENV = ROOT / "envs", ROOT / ".venv"
LOCK, BOOTSTRAP, BUILD = ENVS / "requirements.lock", ENVS / "bootstrap.lock", ENVS / "build-constraints.txt"
NOTEBOOKS = ENVS / "notebooks.lock"
PYTHON = VENV / "run" / "bin" / "python"
SETTINGS = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1", "UV_NO_CONFIG": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def fingerprint(lock: Path) -> str:
    """What an environment is made from: its lock and the interpreter."""
    parts = [path.read_bytes() for path in (lock, BUILD)] + [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(*command, **settings) -> None:
    """Run a command quietly; raise with its output if it fails."""
    subprocess.run([str(part) for part in command], check=True, env=os.environ | SETTINGS | settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def with_uv(folder: Path, lock: Path) -> None:
    """Install a lock into a folder with uv: the one on the path, else one installed from its own hashed lock."""
    uv = shutil.which("uv")
    if not uv:
        run(sys.executable, "-m", "venv", VENV / "boot")
        run(VENV / "boot" / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", BOOTSTRAP)
        uv = VENV / "boot" / "bin" / "uv"
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
    run(uv, "pip", "sync", "--quiet", "--python", folder / "bin" / "python", "--require-hashes", "--build-constraints", BUILD, lock)


def with_pip(folder: Path, lock: Path) -> None:
    """Install the same lock with pip."""
    run(sys.executable, "-m", "venv", "--clear", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock, PIP_CONSTRAINT=str(BUILD), PIP_BUILD_CONSTRAINT=str(BUILD))


def write_kernel(folder: Path, python: Path) -> None:
    """Let `python` be the kernel of the Jupyter in a folder, with the settings that make its output the same on every run."""
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": start, "display_name": "Python 3 (Variable Geometry)", "language": "python", "env": {"PYTHONHASHSEED": "0", "TZ": "UTC"}}
    path = folder / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    path.unlink(missing_ok=True)  # uv links files of its cache into every environment: writing into this one would change them all
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kernel, indent=1), encoding="utf-8")


def installed(folder: Path, lock: Path, mark: Path, without_uv: bool) -> bool:
    """Whether the environment is there, made if it was not."""
    if (folder / "bin" / "python").exists() and mark.exists() and mark.read_text() == fingerprint(lock):
        return True
    began = time.monotonic()
    for way in [with_pip] if without_uv else [with_uv, with_pip]:
        print(f"Installing the environment {way.__name__.replace('_', ' ')} ...", flush=True)
        try:
            VENV.mkdir(exist_ok=True)
            way(folder, lock)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"  failed: {(getattr(error, 'stderr', None) or str(error)).strip()[-800:]}", file=sys.stderr)
            continue
        mark.write_text(fingerprint(lock))
        print(f"  done in {time.monotonic() - began:.0f} s")
        return True
    print("The environment could not be installed. Is the package index reachable?", file=sys.stderr)
    return False


def main(arguments: list[str]) -> int:
    """Install what is needed; 0 on success."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the older interpreter is the one that reads this)
        print(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Name another with: make PY=python3.12", file=sys.stderr)
        return 1
    without_uv = "--without-uv" in arguments or bool(os.environ.get("WITHOUT_UV"))
    if not installed(VENV / "run", LOCK, VENV / "installed", without_uv):
        return 1
    if "--notebooks" in arguments:
        if not installed(VENV / "jupyter", NOTEBOOKS, VENV / "installed-jupyter", without_uv):
            return 1
        write_kernel(VENV / "jupyter", PYTHON)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
