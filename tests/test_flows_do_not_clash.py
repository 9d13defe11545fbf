"""The steps of the flows come from many classes: two of them must not call different things alike."""

import inspect

import pytest

from custom_components.battmon.config_flow import BattmonConfigFlow
from custom_components.battmon.options_flow import BattmonOptionsFlow

from .product import PACKAGE


def clashes(flow: type) -> list[str]:
    """Return what one class of a flow takes from another, of which it does not descend."""
    seen: dict[str, type] = {}
    found = []
    for base in flow.__mro__:
        if not base.__module__.startswith(PACKAGE):
            continue
        for name, value in vars(base).items():
            if name.startswith("__") or not (inspect.isfunction(value) or name.startswith("_")):
                continue
            other = seen.setdefault(name, base)
            if other is not base and not issubclass(other, base):
                found.append(f"{name}: {other.__name__} and {base.__name__}")
    return found


@pytest.mark.parametrize("flow", [BattmonConfigFlow, BattmonOptionsFlow])
def test_no_step_takes_anothers_place(flow: type) -> None:
    assert clashes(flow) == []


def test_a_clash_is_seen() -> None:
    def mixin(name: str) -> type:
        return type(name, (), {"__module__": f"{PACKAGE}.x", "_read": lambda self: None})

    first, second = mixin("First"), mixin("Second")
    both = type("Both", (first, second), {"__module__": f"{PACKAGE}.x"})
    assert clashes(both) == ["_read: First and Second"]
