"""The verdicts, and what moved in them: `python workflow/verdicts.py [--scope NAME] [--config key=value ...]`; `make verdicts SCOPE=... CONFIG=...` calls it.

It builds results/claims/verdicts.csv and what that needs, no more, prints it, and compares with the committed results. With settings for this run it builds in a folder of its own
(what-if/), so that the published results stay what the configuration gives; the next run in that folder does again only what its settings touch.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from coalitions import comparison, io, movements  # noqa: E402
from coalitions.configuration import ConfigError, overridden, overrides  # noqa: E402

WHAT_IF = "what-if"


def run(script: str, *arguments: str) -> int:
    """The exit code of another command of the project."""
    sys.stdout.flush()
    return subprocess.run([sys.executable, str(ROOT / "workflow" / script), *arguments], check=False).returncode


def main(arguments: list[str]) -> int:
    """The exit code of the build; the comparison does not change it."""
    parser = argparse.ArgumentParser(prog="make verdicts", description="The verdicts, and what moved in them.")
    parser.add_argument("--scope", default="", help="scope of the primary specifications")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="settings for this run")
    chosen = parser.parse_args(arguments)
    settings = [*([f"primary_scope={chosen.scope}"] if chosen.scope else []), *chosen.config]
    config = io.read_yaml(ROOT / "config" / "config.yaml")
    try:
        changes = overrides(settings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if overridden(config, changes) != config and "results" not in changes:
        settings.append(f"results={WHAT_IF}")
    given = ["--config", *settings] if settings else []
    if code := run("build.py", "judge_claims", *given):
        return code
    results = overridden(config, overrides(settings))["results"]
    table = ROOT / results / "claims" / "verdicts.csv"
    print(f"\n{comparison.verdicts(movements.text_table(table.read_bytes()))}\n")
    run("compare_results.py", "HEAD", *given)
    if results != config["results"]:
        print(f"\nThese verdicts are in {results}/claims; {config['results']}/ is as it was. To keep a setting, write it into config/config.yaml, then: make")
    else:
        print("\nOther estimates, figures and the report are those of the last make; to renew them: make")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
