"""The product's words and icons, and how tests look into them."""

import re
from collections.abc import Iterator
from typing import Any

from homeassistant.const import Platform

from .product import MODULES, Tree, product_json, product_yaml

EN: Tree = product_json("translations/en.json")
DE: Tree = product_json("translations/de.json")
ICONS: Tree = product_json("icons.json")
SERVICES: Tree = product_yaml("services.yaml")
PLATFORMS = {
    module.parts[0]: module for module in MODULES if len(module.parts) == 1 and module.parts[0] in {*Platform}
}
"""The modules of the product that bring entities."""
PARTS = {
    platform: tuple(
        one for one in MODULES if len(one.parts) == 1 and f"{one.parts[0]}_".startswith(f"{platform}_")
    )
    for platform in PLATFORMS
}
"""The same with the modules that are named after them, such as `sensor_rows`."""
PLACEHOLDER = re.compile(r"\{(\w*)\}")

type Key = tuple[str, ...]


def leaves(tree: Tree, above: Key = ()) -> Iterator[tuple[Key, str]]:
    """Yield every text of a language with the path to it."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def part(tree: Tree, *path: str) -> Any:
    """Return a part of a tree, empty if it is not there."""
    for key in path:
        tree = tree.get(key, {})
    return tree


def placeholders(text: str) -> set[str]:
    """Return the names that a text leaves to be filled in."""
    return set(PLACEHOLDER.findall(text))
