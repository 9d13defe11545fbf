"""Lines that dialogs put together by themselves, in the language of Home Assistant.

The browser translates steps, fields and errors. What it cannot make is a line of only what is known,
and the label of a device that was found.
"""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .model.identity import Fingerprint
from .model.reading import Identity, Reading
from .sources.bus_scan import Found

COMMON = f"component.{DOMAIN}.common."

CHARGE = {
    frozenset({"state_of_charge", "capacity"}): "charge_of_capacity",
    frozenset({"state_of_charge"}): "charge",
    frozenset({"capacity"}): "capacity",
}
"""The text that tells of these."""

type Words = Mapping[str, str]
"""Texts by their keys."""


async def words_of(hass: HomeAssistant) -> Words:
    """Return the texts that belong to no dialog."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    return {key.removeprefix(COMMON): text for key, text in texts.items()}


def described(words: Words, fingerprint: Fingerprint, reading: Reading) -> dict[str, str]:
    """Describe what was read, for the person to recognise the battery."""
    return {
        "model": _full_model(fingerprint.identity) or words["battery"],
        "facts": ", ".join(_facts(words, fingerprint, reading)),
    }


def label_of(words: Words, found: Found) -> str:
    """Return what a person is told of a device on a bus."""
    address = f"0x{found.address:02X}"
    device = words["on_bus" if found.name else "unknown_on_bus"].format(name=found.name, address=address)
    facts = [*_cells(words, found.cells), *_figure(found.voltage, ".1f", "V")]
    if found.trouble is not None:
        facts.append(words[found.trouble])
    return ", ".join((device, *facts))


def _facts(words: Words, fingerprint: Fingerprint, reading: Reading) -> list[str]:
    """Return what is known of a battery: a power monitor tells two of these, most batteries all."""
    firmware = fingerprint.identity.firmware
    return [
        *_cells(words, fingerprint.cells),
        *_figure(reading.voltage, ".2f", "V"),
        *_figure(reading.current, "z.2f", "A"),
        *_charge(words, reading),
        *([words["firmware"].format(firmware=firmware)] if firmware else []),
    ]


def _cells(words: Words, cells: int | None) -> list[str]:
    return [words["one_cell" if cells == 1 else "cells"].format(cells=cells)] if cells else []


def _figure(value: float | None, form: str, unit: str) -> list[str]:
    return [] if value is None else [f"{value:{form}} {unit}"]


def _charge(words: Words, reading: Reading) -> list[str]:
    charge, capacity = reading.state_of_charge, reading.full_capacity
    known = {} if charge is None else {"state_of_charge": f"{charge:.0f}"}
    known |= {} if capacity is None else {"capacity": f"{capacity:g}"}
    return [words[CHARGE[frozenset(known)]].format(**known)] if known else []


def _full_model(identity: Identity) -> str:
    """Return maker and model, the maker not twice."""
    maker, model = identity.manufacturer or "", identity.model or ""
    return model if maker and model.startswith(maker) else f"{maker} {model}".strip()
