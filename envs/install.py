"""Makes the environment in .venv/run from the hashed lock: with uv if it can be had, else with pip. Needs nothing but Python 3.11 or later.

    python3 envs/install.py [--without-uv]

A second call with the same lock and interpreter does nothing. Once installed, nothing of the project needs the network.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVS, VENV = ROOT / "envs", ROOT / ".venv"
LOCK, BOOTSTRAP, BUILD = ENVS / "requirements.lock", ENVS / "bootstrap.lock", ENVS / "build-constraints.txt"
PYTHON = VENV / "run" / "bin" / "python"
SETTINGS = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1", "UV_NO_CONFIG": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def fingerprint() -> str:
    """What the environment is made from: the locks and the interpreter."""
    parts = [path.read_bytes() for path in (LOCK, BUILD)] + [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(*command, **settings) -> None:
    """Run a command quietly; raise with its output if it fails."""
    subprocess.run([str(part) for part in command], check=True, env=os.environ | SETTINGS | settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def with_uv() -> None:
    """Install with uv: the one on the path, else one installed from its own hashed lock."""
    uv = shutil.which("uv")
    if not uv:
        run(sys.executable, "-m", "venv", VENV / "boot")
        run(VENV / "boot" / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", BOOTSTRAP)
        uv = VENV / "boot" / "bin" / "uv"
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV / "run")
    run(uv, "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", "--build-constraints", BUILD, LOCK)


def with_pip() -> None:
    """Install with pip from the same lock."""
    run(sys.executable, "-m", "venv", "--clear", VENV / "run")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK, PIP_CONSTRAINT=str(BUILD), PIP_BUILD_CONSTRAINT=str(BUILD))


def main(arguments: list[str]) -> int:
    """Install if needed; 0 on success."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the older interpreter is the one that reads this)
        print(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Name another with: make PY=python3.12", file=sys.stderr)
        return 1
    mark = VENV / "installed"
    if PYTHON.exists() and mark.exists() and mark.read_text() == fingerprint():
        return 0
    began = time.monotonic()
    ways = [with_pip] if "--without-uv" in arguments or os.environ.get("WITHOUT_UV") else [with_uv, with_pip]
    for way in ways:
        name = way.__name__.replace("_", " ")
        print(f"Installing the environment {name} ...", flush=True)
        try:
            VENV.mkdir(exist_ok=True)
            way()
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"  failed: {(getattr(error, 'stderr', None) or str(error)).strip()[-800:]}", file=sys.stderr)
            continue
        mark.write_text(fingerprint())
        print(f"  done in {time.monotonic() - began:.0f} s")
        return 0
    print("The environment could not be installed. Is the package index reachable?", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
