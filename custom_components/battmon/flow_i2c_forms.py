"""The forms about devices on an I2C bus: what they ask, and how it lies in an entry."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .flow_words import Words, label_of
from .sources.bus import kinds, needed, taken
from .sources.bus_scan import BusAdapter, Found
from .sources.settings import CONF_BUS, CONF_BUS_ADDRESS, CONF_PROTOCOL, CONF_WIRE, WIRE_I2C

CONF_DEVICES = "devices"
SECTION_CALIBRATION = "calibration"
MILLI = 1000
"""Shunts are asked for in mOhm, and kept in ohm."""
CONF_SHUNT, CONF_PEC = "shunt", "pec"
USABLE = range(0x08, 0x78)
"""Addresses that are not reserved, by the I2C specification."""
ADDRESS = re.compile("0x[0-9a-f]{1,2}", re.IGNORECASE)
"""Data sheets and tools write them so; without the 0x nobody knows which number is meant."""
BUS_NUMBER = re.compile(r"\d{1,3}")

type Values = dict[str, Any]


def _number(least: float, most: float, unit: str | None = None, *, whole: bool = False) -> vol.All:
    config = NumberSelectorConfig(
        min=least, max=most, step=1 if whole else "any", mode=NumberSelectorMode.BOX
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    field = vol.All(NumberSelector(config), vol.Range(min=least, max=most))
    return vol.All(field, vol.Coerce(int)) if whole else field


CHECK_BYTES = {"auto": None, "on": True, "off": False}
SETTINGS = {
    CONF_SHUNT: _number(0.001, 100_000, "mΩ"),
    "max_current": _number(0.001, 10_000, "A"),
    "fine_range": BooleanSelector(),
    "channel": _number(1, 4, whole=True),
    "current_channel": _number(1, 4, whole=True),
    "cells": _number(1, 32, whole=True),
    CONF_PEC: SelectSelector(
        SelectSelectorConfig(
            options=["auto", "on", "off"], translation_key="check_bytes", mode=SelectSelectorMode.DROPDOWN
        )
    ),
    "invert": BooleanSelector(),
}
"""What a form asks of a device, where it means something to it."""
CALIBRATION = {
    "voltage_gain": _number(1e-4, 1e4),
    "voltage_offset": _number(-1e3, 1e3),
    "current_gain": _number(1e-4, 1e4),
    "current_offset": _number(-1e3, 1e3),
}
"""The same, shown where the form is opened further."""
NO_BUS_SCHEMA = vol.Schema({vol.Optional(CONF_BUS): TextSelector()})


def bus_selector(adapters: Iterable[BusAdapter]) -> SelectSelector:
    """Return the field of a bus, which may be typed as well."""
    options = [
        SelectOptionDict(value=adapter.path, label=f"{adapter.path} ({adapter.name})".removesuffix(" ()"))
        for adapter in adapters
    ]
    return SelectSelector(
        SelectSelectorConfig(options=options, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )


def bus_schema(adapters: Iterable[BusAdapter]) -> vol.Schema:
    """Return the form about a bus."""
    return vol.Schema({vol.Required(CONF_BUS): bus_selector(adapters)})


def found_schema(words: Words, found: Iterable[Found]) -> vol.Schema:
    """Return the form that lets a person choose among devices; without a choice it looks again."""
    options = [SelectOptionDict(value=as_text(one.address), label=label_of(words, one)) for one in found]
    selector = SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    )
    return vol.Schema({vol.Optional(CONF_DEVICES): selector})


def by_hand_schema(adapters: Iterable[BusAdapter]) -> vol.Schema:
    """Return the form about a device that no scan finds."""
    return vol.Schema(
        {
            vol.Required(CONF_BUS): bus_selector(adapters),
            vol.Required(CONF_BUS_ADDRESS): TextSelector(),
            vol.Required(CONF_PROTOCOL): _kinds(),
        }
    )


def move_schema(adapters: Iterable[BusAdapter], kind: str) -> vol.Schema:
    """Return the form about a device that is there: where it is now, and what is said of it."""
    where = {vol.Required(CONF_BUS): bus_selector(adapters), vol.Required(CONF_BUS_ADDRESS): TextSelector()}
    return vol.Schema(where).extend(device_schema(kind).schema)


def device_schema(kind: str) -> vol.Schema:
    """Return the form about a device of a kind: only what means something to it."""
    must, may = needed(kind), taken(kind)
    fields: dict[vol.Marker, Any] = {vol.Required(name): SETTINGS[name] for name in SETTINGS if name in must}
    fields |= {vol.Optional(name): SETTINGS[name] for name in SETTINGS if name in may}
    if may >= CALIBRATION.keys():
        fields |= {
            vol.Optional(SECTION_CALIBRATION): section(
                vol.Schema({vol.Optional(name): CALIBRATION[name] for name in CALIBRATION}),
                {"collapsed": True},
            )
        }
    return vol.Schema(fields)


def _kinds() -> SelectSelector:
    options = [SelectOptionDict(value=key, label=name) for key, name in kinds().items()]
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN))


def i2c_data(bus: str, address: int, kind: str, user_input: Mapping[str, Any]) -> Values:
    """Return an entry's data about a device on a bus."""
    said = {name: value for name, value in user_input.items() if name in SETTINGS}
    said |= user_input.get(SECTION_CALIBRATION, {})
    if CONF_SHUNT in said:
        said[CONF_SHUNT] = round(said[CONF_SHUNT] / MILLI, 9)
    if CONF_PEC in said:
        said[CONF_PEC] = CHECK_BYTES[said[CONF_PEC]]
    return {CONF_WIRE: WIRE_I2C, CONF_PROTOCOL: kind, CONF_BUS: bus, CONF_BUS_ADDRESS: address, **said}


def as_filled_in(data: Mapping[str, Any]) -> Values:
    """Return an entry's data as the form holds them."""
    said = {name: data[name] for name in (CONF_BUS, *SETTINGS) if name in data}
    said[CONF_BUS_ADDRESS] = as_text(data[CONF_BUS_ADDRESS])
    if CONF_SHUNT in said:
        said[CONF_SHUNT] = round(said[CONF_SHUNT] * MILLI, 6)
    if CONF_PEC in said:
        said[CONF_PEC] = next(name for name, value in CHECK_BYTES.items() if value is said[CONF_PEC])
    return {**said, SECTION_CALIBRATION: {name: data[name] for name in CALIBRATION if name in data}}


def as_text(address: int) -> str:
    """Return an address as people write it: `0x0b`."""
    return f"0x{address:02x}"


def address_in(text: str) -> int | None:
    """Return the address that a person typed, `None` if it is none."""
    if not ADDRESS.fullmatch(text.strip()):
        return None
    address = int(text, 16)
    return address if address in USABLE else None


def path_in(text: str) -> str:
    """Return the path of a bus that was chosen or typed; its number is enough."""
    text = text.strip()
    return f"/dev/i2c-{int(text)}" if BUS_NUMBER.fullmatch(text) else text
