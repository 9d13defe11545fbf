"""Prints what Home Assistant pins for its components, read from the installed Home Assistant itself.

Run by an environment's own Python. Home Assistant is only looked up, never imported: here it may lack its
dependencies.
"""

import importlib.util
import json
import sys
from pathlib import Path

OURS = Path(__file__).parents[2] / "custom_components" / "battmon" / "manifest.json"
# Source distributions in C++ without wheels for Python 3.14; the demo puts stand-ins in their place.
NEEDS_COMPILER = ("pymicro-vad", "pyspeex-noise")


def home_assistant() -> Path:
    """Folder of the installed Home Assistant."""
    spec = importlib.util.find_spec("homeassistant")
    if spec is None or spec.origin is None:
        sys.exit("Home Assistant is not installed")
    return Path(spec.origin).parent


def closure(domains: list[str], components: Path) -> dict[str, dict[str, list[str]]]:
    """Manifests of the components and of all that they depend on."""
    manifests: dict[str, dict[str, list[str]]] = {}
    waiting = list(domains)
    while waiting:
        domain = waiting.pop()
        if domain not in manifests:
            manifests[domain] = json.loads((components / domain / "manifest.json").read_text())
            waiting += manifests[domain].get("dependencies", [])
    return manifests


def main() -> None:
    """Print the requirements of our manifest, its dependencies and the components on the command line."""
    ours = json.loads(OURS.read_text())
    manifests = closure([*ours["dependencies"], *sys.argv[1:]], home_assistant() / "components")
    pins = {pin for manifest in [ours, *manifests.values()] for pin in manifest.get("requirements", [])}
    print("\n".join(sorted(pin for pin in pins if not pin.startswith(NEEDS_COMPILER))))


if __name__ == "__main__":
    main()
