"""The action `get_cells`: every cell of a battery, and what cells are among each other."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import ServiceResponse

from .coordinator import BattmonCoordinator
from .model.cell import Cell
from .model.packs.cell_table import cell_figures_of_members, cell_table, to_microvolt
from .model.state import BatteryState
from .sensor_pack import QUALITIES


async def get_cells(coordinator: BattmonCoordinator, _data: Mapping[str, Any]) -> ServiceResponse:
    """Return the cells of the newest sample, of all members of a virtual battery.

    Of a battery that is out of sight nothing is told: old cells are not those of now.
    """
    state = coordinator.state
    reading, sampled_at, pack = state.reading, state.sampled_at, state.pack
    quality = None if pack is None else QUALITIES[pack.quality]
    if not state.healthy or reading is None or sampled_at is None:
        return {**_among(BatteryState()), "healthy": False, "sampled_at": None, "quality": quality}
    return {
        **_among(state),
        "healthy": True,
        "sampled_at": sampled_at.utc.isoformat(),
        "quality": quality,
        "cells": list(cell_table(state)),
        "members": list(cell_figures_of_members(reading)),
    }


def _among(state: BatteryState) -> dict[str, Any]:
    """Return what all cells are among each other, in V."""
    return {
        "cells": [],
        "members": [],
        "lowest": _cell(state.lowest_cell),
        "highest": _cell(state.highest_cell),
        "mean": to_microvolt(state.mean_cell_voltage),
        "imbalance": to_microvolt(state.cell_imbalance),
        "drift": to_microvolt(None if state.pack is None else state.pack.spreads.cell_drift),
    }


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    return None if cell is None else cell._asdict()
