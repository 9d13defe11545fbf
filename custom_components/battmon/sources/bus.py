"""Kinds of device on an I2C bus, as far as a dialog has to know them."""

from collections.abc import Mapping
from typing import Any

from ..protocols import PROTOCOLS
from ..protocols.bus import BusProtocol, BusSettings, Misfit, Unfit
from .settings import CALIBRATED, CONF_BUS_ADDRESS, CONF_PROTOCOL, CONF_WIRE, WIRE_I2C

__all__ = ["KINDS", "Misfit", "Unfit", "can_be_calibrated", "kinds", "misfit_of", "needed", "taken"]

KINDS: dict[str, type[BusProtocol]] = {
    key: kind for key, kind in PROTOCOLS.items() if issubclass(kind, BusProtocol)
}


def kinds() -> dict[str, str]:
    """Return the names of the kinds by key."""
    return {key: kind.name for key, kind in KINDS.items()}


def needed(kind: str) -> frozenset[str]:
    """Return the fields of `BusSettings` that a kind cannot do without."""
    return KINDS[kind].needs


def taken(kind: str) -> frozenset[str]:
    """Return the further fields that mean something to a kind."""
    return KINDS[kind].takes - KINDS[kind].needs


def misfit_of(data: Mapping[str, Any]) -> Unfit | None:
    """Return why what an entry says of its device does not fit it, `None` if it does."""
    try:
        KINDS[data[CONF_PROTOCOL]](BusSettings.of({**data, "address": data[CONF_BUS_ADDRESS]}))
    except Unfit as unfit:
        return unfit
    return None


def can_be_calibrated(data: Mapping[str, Any]) -> bool:
    """Whether a person can make right what an entry's device measures."""
    return data.get(CONF_WIRE) == WIRE_I2C and KINDS[data[CONF_PROTOCOL]].takes >= CALIBRATED
