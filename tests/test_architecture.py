"""The import rule: which room of the house may enter which."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from homeassistant import components, loader
from homeassistant.const import Platform

from .product import MODULES, PACKAGE, PRODUCT, ROOT, Module, modules_below

TOP = "top level"
VOCABULARY = (
    "bus", "conversation", "fields", "framing", "checksums", "power_monitor", "protocol",
    "unknown_device",
)  # fmt: skip
"""The files of `protocols` that protocols share."""


@dataclass(frozen=True)
class Room:
    """What the modules of one room may import."""

    may: tuple[str, ...]
    """Dotted names below the product; what is inside them may be imported too."""
    outside: frozenset[str] = frozenset()
    """Packages that are neither ours nor of the standard library."""


ROOMS = {
    TOP: Room((TOP, "sources", "model"), frozenset({"homeassistant", "voluptuous"})),
    "sources": Room(
        ("sources", "protocols", "transports", "model"), frozenset({"homeassistant", "voluptuous", "bleak"})
    ),
    "protocols": Room(("model", *(f"protocols.{name}" for name in VOCABULARY))),
    "transports": Room(
        ("transports", "model.errors", "protocols.conversation", "protocols.checksums"),
        frozenset({"serialx", "bleak", "bleak_retry_connector", "smbus2"}),
    ),
    "model": Room(("model",)),
}
PURE = ("model", "protocols")
IMPURE_MODULES = frozenset(
    {
        "asyncio", "builtins", "importlib", "io", "logging", "multiprocessing", "os", "pathlib",
        "random", "select", "selectors", "shutil", "signal", "socket", "subprocess", "sys",
        "tempfile", "threading", "time", "urllib",
    }
)  # fmt: skip
CLOCKS = frozenset({"now", "utcnow", "today"})
"""How the standard library's dates ask for the time."""


def room_of(parts: tuple[str, ...]) -> str:
    """Return the room that a module stands in, or that an import enters."""
    return parts[0] if parts and parts[0] in ROOMS else TOP


def imports_of(module: Module) -> Iterator[tuple[str, ...]]:
    """Yield every dotted name that a module imports, split; of `from a import b` it is `a.b`."""
    here = (*PACKAGE.split("."), *module.parts)
    package = here if module.is_package else here[:-1]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            inside = tuple(node.module.split(".")) if node.module else ()
            yield from ((*base, *inside, alias.name) for alias in node.names)


def may_enter(module: Module, target: tuple[str, ...]) -> bool:
    """Whether a module may import `target`, a name below the product."""
    room = room_of(module.parts)
    name = ".".join((TOP, *target) if room_of(target) == TOP else target)
    allowed = ROOMS[room].may
    if module.parts == ("protocols",):
        allowed = (*allowed, "protocols")  # to list them all
    elif room == "protocols":
        allowed = (*allowed, *_family(module.parts, target))
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)


def _family(parts: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    """One device family in several files: `jbd`, `jbd_registers` and the like."""
    own, other = parts[1], (target[1] if len(target) > 1 else "")
    if own == other or own.startswith(f"{other}_") or other.startswith(f"{own}_"):
        yield f"protocols.{other}"


def trespasses(module: Module) -> list[str]:
    """Return the imports of a module that the rule forbids."""
    ours = tuple(PACKAGE.split("."))
    found = []
    for target in imports_of(module):
        inside = target[: len(ours)] == ours
        outside = ROOMS[room_of(module.parts)].outside | sys.stdlib_module_names
        permitted = may_enter(module, target[len(ours) :]) if inside else target[0] in outside
        if not permitted or target[0] == "importlib":
            found.append(".".join(target))
    return found


def impurities(module: Module) -> list[str]:
    """Return what a module imports or calls that does I/O or looks at a clock."""
    imports = [".".join(name) for name in imports_of(module) if name[0] in IMPURE_MODULES]
    calls = [
        ast.unparse(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS)
            or (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"})
        )
    ]
    asynchronous = [
        f"async {getattr(node, 'name', 'statement')}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await)
    ]
    return imports + calls + asynchronous


def snippet(where: str, source: str) -> Module:
    """Return a module that stands at `where` and says `source`."""
    path = PRODUCT / where
    parts = path.relative_to(PRODUCT).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return Module(path, parts, ast.parse(source))


def name_of(module: Module) -> str:
    """Name a test after the file it looks at."""
    return str(module.path.relative_to(ROOT))


@pytest.mark.parametrize("room", [room for room in ROOMS if room != TOP])
def test_the_room_exists(room: str) -> None:
    assert any(module.parts[:1] == (room,) for module in MODULES)


def test_there_is_no_other_room() -> None:
    folders = {module.parts[0] for module in MODULES if len(module.path.relative_to(PRODUCT).parts) > 1}
    assert folders == ROOMS.keys() - {TOP}


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_enters_only_rooms_it_may(module: Module) -> None:
    assert trespasses(module) == []


@pytest.mark.parametrize(
    "module", [module for module in MODULES if room_of(module.parts) in PURE], ids=name_of
)
def test_model_and_protocols_have_no_clock_and_no_input_or_output(module: Module) -> None:
    assert impurities(module) == []


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("sensor.py", "from .transports.serial import SerialWire"),
        ("sensor.py", "from . import protocols"),
        ("sensor.py", "import serialx"),
        ("config_flow.py", "from custom_components.battmon.protocols import PROTOCOLS"),
        ("config_flow.py", "def f():\n    import custom_components.battmon.transports.wires"),
        ("coordinator.py", "from tests.product import ROOT"),
        ("__init__.py", "import simulators"),
        ("__init__.py", "from .protocols.jbd import Jbd"),
        ("sources/device.py", "from ..const import DOMAIN"),
        ("sources/device.py", "from .. import coordinator"),
        ("sources/device.py", "from custom_components.battmon import const"),
        ("protocols/jbd.py", "from .daly import Daly"),
        ("protocols/jbd.py", "from . import PROTOCOLS"),
        ("protocols/jbd.py", "from ..transports.wire import Wire"),
        ("protocols/jbd.py", "from ..sources import Source"),
        ("protocols/jbd.py", "import homeassistant.const"),
        ("protocols/framing.py", "from .jbd import Jbd"),
        ("transports/serial.py", "from ..protocols import PROTOCOLS"),
        ("transports/serial.py", "from ..protocols.jbd import Jbd"),
        ("transports/serial.py", "from ..protocols.framing import Framing"),
        ("transports/serial.py", "from ..model.reading import Reading"),
        ("transports/serial.py", "from ..model import reading"),
        ("transports/serial.py", "from homeassistant.core import HomeAssistant"),
        ("model/state.py", "from ..protocols.fields import Field"),
        ("model/state.py", "from ..const import DOMAIN"),
        ("model/state.py", "from ..sources import Source"),
        ("model/state.py", "import voluptuous as vol"),
        ("model/state.py", "if TYPE_CHECKING:\n    from homeassistant.core import HomeAssistant"),
        ("model/state.py", "import importlib"),
        ("model/__init__.py", "from .. import sources"),
        ("model/packs/series.py", "from ...transports import wire"),
    ],
)
def test_a_forbidden_import_is_found(where: str, source: str) -> None:
    assert trespasses(snippet(where, source))


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("sensor.py", "from .model.state import Cell\nfrom . import sources\nfrom .const import DOMAIN"),
        ("sensor.py", "import asyncio\nimport voluptuous as vol\nimport homeassistant.const"),
        ("sources/device.py", "from ..protocols import PROTOCOLS\nfrom ..transports import serial"),
        ("protocols/__init__.py", "from .jbd import Jbd\nfrom .protocol import Protocol"),
        ("protocols/jbd.py", "from ..model import alarms\nfrom .fields import Field\nimport struct"),
        ("protocols/jbd.py", "from .jbd_registers import BASIC_INFO"),
        ("protocols/conversation.py", "from .framing import Framing"),
        ("transports/serial.py", "import serialx\nfrom ..protocols.conversation import Exchange"),
        ("transports/serial.py", "from ..model import errors\nfrom .wire import Wire"),
        ("model/packs/series.py", "from ..state import BatteryState\nfrom . import parallel"),
    ],
)
def test_a_permitted_import_is_not_found(where: str, source: str) -> None:
    assert trespasses(snippet(where, source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "from time import monotonic",
        "from datetime import datetime\nnow = datetime.now()",
        "def f():\n    return open('x')",
        "async def poll():\n    pass",
    ],
)
def test_an_impurity_is_found(source: str) -> None:
    assert impurities(snippet("model/state.py", source))


def absolute_imports(module: Module) -> set[str]:
    """Return the first names of the absolute imports of a module."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("module", list(modules_below(ROOT / "simulators")), ids=name_of)
def test_a_simulator_knows_nothing_of_the_product(module: Module) -> None:
    """Two independent readings of one document check each other."""
    assert not absolute_imports(module) & {"custom_components", "tests"}


def test_an_import_of_the_product_by_a_simulator_is_found() -> None:
    source = "def f():\n    from custom_components.battmon.protocols import jbd"
    assert "custom_components" in absolute_imports(snippet("model/state.py", source))


def home_assistant_domains() -> set[str]:
    """Return the names that Home Assistant would load as platforms of an integration."""
    return {
        entry.name
        for path in components.__path__
        for entry in Path(path).iterdir()
        if entry.is_dir() and entry.name != "__pycache__"
    }


def test_home_assistant_has_the_domains_that_we_must_not_use() -> None:
    assert {"battery", "energy", "sensor"} <= home_assistant_domains()


def test_only_platforms_bear_the_name_of_a_home_assistant_domain() -> None:
    platforms = {*Platform, *loader.BASE_PRELOAD_PLATFORMS} - {"energy", "group"}
    names = {path.stem for path in PRODUCT.iterdir()}
    assert names & home_assistant_domains() <= platforms


def test_nothing_in_model_bears_the_name_of_a_home_assistant_domain() -> None:
    names = {path.stem for path in (PRODUCT / "model").rglob("*") if path.suffix != ".pyc"}
    assert not names & home_assistant_domains()
