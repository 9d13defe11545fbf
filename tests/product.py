"""The files of the product, as the tests about its packaging and its build read them."""

import ast
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "custom_components" / "battmon"
PACKAGE = "custom_components.battmon"

type Tree = dict[str, Any]


def load_json(path: Path) -> Any:
    """Read a JSON file, keeping the order of keys."""
    return json.loads(path.read_text(encoding="utf-8"))


def load_yaml(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def product_json(name: str) -> Any:
    """Read one of the product's JSON files."""
    return load_json(PRODUCT / name)


def product_yaml(name: str) -> Any:
    """Read one of the product's YAML files."""
    return load_yaml(PRODUCT / name)


@dataclass(frozen=True)
class Module:
    """One Python file: where it stands and what it says."""

    path: Path
    parts: tuple[str, ...]
    """Its dotted name below the product, split; empty for the product's `__init__`."""
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether this is an `__init__` file."""
        return self.path.name == "__init__.py"

    def imported(self) -> ModuleType:
        """Import the module."""
        return importlib.import_module(".".join((PACKAGE, *self.parts)))


def read_module(path: Path, below: Path) -> Module:
    """Parse one file."""
    parts = path.relative_to(below).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return Module(path, parts, ast.parse(path.read_text(encoding="utf-8"), str(path)))


def modules_below(folder: Path) -> Iterator[Module]:
    """Parse every Python file below a folder."""
    for path in sorted(folder.rglob("*.py")):
        yield read_module(path, folder)


MODULES = tuple(modules_below(PRODUCT))
"""Every Python file of the product."""
