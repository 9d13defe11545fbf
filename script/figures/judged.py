"""A battery with everything on: its chemistry known, every threshold set as it is suggested."""

from typing import Any

from custom_components.battmon.judgement_options import critical_of
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.failsafe.presets import suggested


def judged(cells: int) -> dict[str, Any]:
    """Return the options of a LiFePO4 battery as the form suggests them."""
    options: dict[str, Any] = {"chemistry": Chemistry.LIFEPO4.value}
    for kind, thresholds in suggested(Chemistry.LIFEPO4, cells).items():
        options |= {kind.value: thresholds.low, critical_of(kind): thresholds.critical}
    return options
