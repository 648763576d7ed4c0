"""Does the machinery of the claims find the truth? `python workflow/validate.py [--again] [snakemake arguments]`; `make validate` calls it.

If the committed study in results/validation was made with the settings and the code that are here, it says so and ends. Otherwise (or with `--again`) synthetic registers are
drawn and estimated anew in the folder validation, which takes about half an hour on two cores, and the tables, the figure and the hashes of what made them are published to
results/validation.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import build  # noqa: E402
from coalitions import io, provenance, worlds  # noqa: E402

PUBLISHED, MADE = ROOT / "results" / "validation", ROOT / "validation" / "study"
FILES = ("coverage.csv", "verdicts.csv", "errors.csv", "coverage.svg", "coverage.png", "coverage.pdf")
SCRIPTS = ("draw_replicates", "draw_truths", "gather_validation")
CONFIG = ("cutoff", "first_year", "scopes", "primary_scope", "confidence", "seed", "validation")
CLAIM = ("estimand", "primary", "sesoi")


def made_with() -> dict:
    """What a study rests on: checksums of the settings, of the tested part of the claims, and of every module of the package that it uses."""
    config, claims = io.read_yaml(ROOT / "config" / "config.yaml"), io.read_yaml(ROOT / "config" / "claims.yaml")["claims"]
    modules = {path for script in SCRIPTS for path in provenance.closure(ROOT / "workflow" / "scripts" / f"{script}.py", ROOT / "workflow" / "coalitions")}
    settings = {key: config[key] for key in CONFIG} | {"validation": {key: value for key, value in config["validation"].items() if key != "jobs"}}  # jobs change no number
    tested = {name: {key: claim[key] for key in CLAIM} for name, claim in claims.items()}
    return {
        "seed": config["seed"], "replicates": config["validation"]["replicates"], "effect": config["validation"]["effect"],
        "settings": {name: _checksum(value) for name, value in settings.items()}, "claims": {name: _checksum(value) for name, value in tested.items()},
        "code": {path.relative_to(ROOT / "workflow").as_posix(): io.sha256(path) for path in sorted(modules)},
    }  # fmt: skip


def _checksum(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def differences(then: dict, now: dict) -> list[str]:
    """What has changed since a study was made: names of settings, claims and modules."""
    found = []
    for part in ("settings", "claims", "code"):
        found += [f"{part}: {name}" for name in sorted(then[part].keys() | now[part].keys()) if then[part].get(name) != now[part].get(name)]
    return found


def main(arguments: list[str]) -> int:
    """0 if the published study is current, or was made anew; the exit code of snakemake if that failed."""
    again, arguments = "--again" in arguments, [a for a in arguments if a != "--again"]
    record, now = PUBLISHED / "study.json", made_with()
    if record.exists():
        stored = io.read_json(record)
        changed = differences(stored, now) + [
            f"file: {name}" for name, checksum in stored["files"].items() if not (PUBLISHED / name).exists() or io.sha256(PUBLISHED / name) != checksum
        ]
        if not changed and not again:
            print("The study in results/validation was made with these settings, claims and modules. Nothing is to do; --again draws it anew.")
            return 0
        print("The study in results/validation was made with something else:" if changed else "The study is drawn anew.", *changed, sep="\n  ")
    if unknown := sorted(set(now["claims"]) - worlds.known()):
        print(f"Left out, as workflow/coalitions/worlds.py does not say what is true of them: {', '.join(unknown)}")
    code, _ = build.stream([*arguments, "--", "gather_validation"])
    if code:
        return code
    PUBLISHED.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(MADE / name, PUBLISHED / name)
    io.write_json(now | {"files": {name: io.sha256(PUBLISHED / name) for name in FILES}}, record)
    print("The study is published in results/validation.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
