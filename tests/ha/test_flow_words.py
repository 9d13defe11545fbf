"""What dialogs put together by themselves: only what is known, and in the language of Home Assistant."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon import flow_words
from custom_components.battmon.flow_forms import I2C_ERRORS, MISFITS, form_error
from custom_components.battmon.flow_members import DISABLED
from custom_components.battmon.flow_words import described, label_of, words_of
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.sources import bus_scan
from custom_components.battmon.sources.bus import Misfit, misfit_of
from custom_components.battmon.sources.bus_scan import Found, Trouble
from custom_components.battmon.sources.settings import WIRE_I2C
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from simulators.i2c.bus import Bus
from simulators.i2c.kernel import Kernel
from simulators.i2c.registers import RegisterChip

from ..translation_keys import strings_in
from ..words import DE, EN
from .bus_dialogs import PATH, asks, batmon, gauge, ina226, options_of, scanned, submit, told
from .house import flows

LANGUAGES = {"en": EN, "de": DE}


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def kernel(bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setattr(bus_scan, "DEVICES", tmp_path)
    with Kernel({PATH: bus}).installed() as kernel:
        yield kernel


def said(result: ConfigFlowResult) -> list[str]:
    """Return what a form says is wrong, in English and German."""
    (error,) = (result["errors"] or {}).values()
    given: Mapping[str, str] = result["description_placeholders"] or {}
    return [words["config"]["error"][error].format_map(given) for words in (EN, DE)]


# What a battery is.

WHOLE = Reading(
    voltage=13.264, current=-5.0, state_of_charge=60.4, full_capacity=100.0, cell_voltages=(3.3,) * 4
)
FACTS: dict[str, tuple[Fingerprint, Reading, str, str]] = {
    "all": (
        Fingerprint(identity=Identity(model="SP04", firmware="8.0"), cells=4),
        WHOLE,
        "4 cells, 13.26 V, -5.00 A, 60 % of 100 Ah, firmware 8.0",
        "4 Zellen, 13.26 V, -5.00 A, 60 % von 100 Ah, Firmware 8.0",
    ),
    "a smart battery without firmware": (
        Fingerprint(identity=Identity(model="DB-1200"), cells=4),
        WHOLE,
        "4 cells, 13.26 V, -5.00 A, 60 % of 100 Ah",
        "4 Zellen, 13.26 V, -5.00 A, 60 % von 100 Ah",
    ),
    "a power monitor": (
        Fingerprint(identity=Identity(manufacturer="Texas Instruments", model="INA226")),
        Reading(voltage=13.2, current=-0.001),
        "13.20 V, 0.00 A",
        "13.20 V, 0.00 A",
    ),
    "no capacity": (
        Fingerprint(identity=Identity(), cells=1),
        Reading(voltage=3.3, state_of_charge=0.0),
        "1 cell, 3.30 V, charged to 0 %",
        "1 Zelle, 3.30 V, zu 0 % geladen",
    ),
    "no state of charge": (
        Fingerprint(identity=Identity()),
        Reading(full_capacity=2.5),
        "2.5 Ah when full",
        "2.5 Ah, wenn sie voll ist",
    ),
    "nothing": (Fingerprint(identity=Identity()), Reading(), "", ""),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_only_what_is_known_of_a_battery_is_told(hass: HomeAssistant, language: str) -> None:
    hass.config.language = language
    words = await words_of(hass)
    facts = {name: described(words, who, reading)["facts"] for name, (who, reading, _, _) in FACTS.items()}
    place = ("en", "de").index(language) + 2
    assert facts == {name: row[place] for name, row in FACTS.items()}


@pytest.mark.parametrize(("language", "model"), [("en", "Battery"), ("de", "Batterie"), ("fr", "Battery")])
async def test_a_battery_that_does_not_say_what_it_is_is_called_one(
    hass: HomeAssistant, language: str, model: str
) -> None:
    hass.config.language = language
    assert described(await words_of(hass), Fingerprint(identity=Identity()), Reading())["model"] == model


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_leaves_a_gap_where_nothing_may_be_known(language: str) -> None:
    steps = LANGUAGES[language]["config"]["step"]
    for step in ("battery", "same_battery", "entities_found"):
        assert "{facts}\n\n" in steps[step]["description"]


async def test_a_power_monitor_is_shown_with_its_voltage_and_current(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x40] = ina226()
    form = await submit(hass, await scanned(hass), {"devices": ["0x40"]})
    form = await submit(hass, form, {"shunt": 0.5, "max_current": 90})
    assert asks(form, "battery")
    assert (told(form, "model"), told(form, "facts")) == ("Texas Instruments INA226", "13.20 V, -5.00 A")


# What is on a bus.


async def test_a_scan_tells_what_it_found_in_german(hass: HomeAssistant, kernel: Kernel, bus: Bus) -> None:
    hass.config.language = "de"
    bus.chips |= {0x0B: batmon(), 0x0C: gauge(), 0x40: ina226(), 0x44: RegisterChip(), 0x45: gauge()}
    bus.taken.add(0x45)
    bus.inject("timeout", address=0x0D, count=None)
    form = await scanned(hass)
    assert options_of(form, "devices") == {
        "0x0b": "Rotoye Batmon auf 0x0B, 4 Zellen, 13.2 V",
        "0x0c": "SMP DB-1200 auf 0x0C, 4 Zellen, 13.2 V",
        "0x0d": "unbekanntes Gerät auf 0x0D, der Bus war dort blockiert",
        "0x40": "INA226 auf 0x40",
        "0x44": "unbekanntes Gerät auf 0x44",
        "0x45": "unbekanntes Gerät auf 0x45, von einem Treiber des Systems belegt",
    }
    form = await submit(hass, form, {"devices": ["0x0b", "0x0c"]})
    assert told(form, "device") == "Rotoye Batmon auf 0x0B, 4 Zellen, 13.2 V"
    names = {
        flow["context"]["title_placeholders"]["name"]
        for flow in flows(hass)
        if flow["flow_id"] != form["flow_id"]
    }
    assert names == {"SMP DB-1200 auf 0x0C, 4 Zellen, 13.2 V"}


@pytest.mark.parametrize("words", [EN, DE], ids=LANGUAGES)
def test_every_reason_not_to_ask_a_device_has_words(words: dict[str, Any]) -> None:
    for trouble in Trouble:
        label = label_of(words["common"], Found(0x0B, trouble=trouble))
        assert label.endswith(f" 0x0B, {words['common'][trouble]}")


# What a device turns out to be, and what does not fit it.


async def by_hand(hass: HomeAssistant, kind: str, address: str = "0x40") -> ConfigFlowResult:
    """Say which device is where on a bus on which nothing was found."""
    form = await submit(hass, await scanned(hass), {"next_step_id": "i2c_manual"})
    form = await submit(hass, form, {"bus": PATH, "bus_address": address, "protocol": kind})
    assert asks(form, "i2c_device")
    return form


@pytest.mark.usefixtures("kernel")
async def test_another_chip_than_was_said_is_told_of_in_both_languages(hass: HomeAssistant, bus: Bus) -> None:
    form = await by_hand(hass, "ina228")
    bus.chips[0x40] = ina226()
    form = await submit(hass, form, {"shunt": 0.5, "max_current": 90})
    assert asks(form, "i2c_device", base="i2c_other_device")
    english, german = said(form)
    assert english.startswith("What answers at 0x40 is no INA228. ")
    assert german.startswith("Was auf 0x40 antwortet, ist kein INA228. ")


MISFIT_FORMS: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        *("ina226", {"shunt": 5, "max_current": 90}, "unfit_drop_too_high"),
        "The largest current drops 450 mV across the shunt, and INA226 measures 81.92 mV at most.",
        "Beim größten Strom fallen 450 mV am Shunt ab, und INA226 misst höchstens 81.92 mV.",
    ),
    (
        *("ina238", {"shunt": 0.01, "max_current": 90}, "unfit_drop_too_low"),
        "The largest current drops only 0.9 mV across the shunt, and INA238 needs 1.6384 mV at least.",
        "Beim größten Strom fallen nur 0.9 mV am Shunt ab, und INA238 braucht mindestens 1.6384 mV.",
    ),
    (
        *("ina226", {"shunt": 0.1, "max_current": 10}, "unfit_calibration"),
        "Shunt and largest current are too small for INA226: its calibration would be 167772, and 32767",
        "Shunt und größter Strom sind zu klein für INA226: Die Kalibrierung wäre 167772, und 32767",
    ),
    (
        *("ina260", {"max_current": 20}, "unfit_current"),
        "INA260 is made for 15 A at most.",
        "INA260 ist für höchstens 15 A gebaut.",
    ),
    (
        *("ina3221", {"shunt": 0.5, "channel": 4}, "unfit_channel"),
        "INA3221 has the channels 1 to 3, not 4.",
        "INA3221 hat die Kanäle 1 bis 3, nicht 4.",
    ),
    (
        *("ad7091r5", {}, "unfit_no_channel"),
        "Neither the channel of the voltage nor that of the current is named.",
        "Weder der Kanal der Spannung noch der des Stroms ist genannt.",
    ),
    (
        *("ad7091r5", {"channel": 2, "current_channel": 2}, "unfit_same_channel"),
        "Voltage and current cannot be on the same channel.",
        "Spannung und Strom können nicht am selben Kanal sein.",
    ),
    (
        *("bq40", {"cells": 8}, "unfit_cells"),
        "Texas Instruments BQ40Z50, BQ40Z80 has 1-7 cells, not 8.",
        "Texas Instruments BQ40Z50, BQ40Z80 hat 1-7 Zellen, nicht 8.",
    ),
    (
        *("sui", {"cells": 4}, "unfit_cells"),
        "SUI smart battery has 3, 6 cells, not 4.",
        "SUI smart battery hat 3, 6 Zellen, nicht 4.",
    ),
]


@pytest.mark.usefixtures("kernel")
async def test_a_form_says_in_both_languages_why_settings_do_not_fit(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_scan, "ADDRESSES", (0x0B,))  # a whole scan each time takes long
    for kind, filled, error, *starts in MISFIT_FORMS:
        form = await submit(hass, await by_hand(hass, kind), filled)
        assert asks(form, "i2c_device", base=error), kind
        for text, start in zip(said(form), starts, strict=True):
            assert text.startswith(start)
        hass.config_entries.flow.async_abort(form["flow_id"])


def test_every_reason_why_settings_do_not_fit_is_shown_by_a_form_but_the_one_that_forms_prevent() -> None:
    shown = {error for _, _, error, _, _ in MISFIT_FORMS}
    assert shown == {text for misfit, text in MISFITS.items() if misfit is not Misfit.NUMBERS}


@pytest.mark.parametrize(
    "data", [{}, {"shunt": 0.0}, {"current_gain": -1.0}, {"voltage_offset": float("nan")}]
)
def test_what_no_form_lets_pass_is_refused_all_the_same(data: dict[str, Any]) -> None:
    told = {"protocol": "ltc2946", "bus_address": 0x6A} | ({"shunt": 0.001} if data else {}) | data
    unfit = misfit_of(told)
    assert unfit is not None
    assert (unfit.misfit, unfit.figures) == (Misfit.NUMBERS, {})


def test_what_fits_is_not_refused() -> None:
    assert misfit_of({"protocol": "ltc2946", "bus_address": 0x6A, "shunt": 0.001}) is None


# The words themselves.


def test_every_error_of_a_bus_is_told_by_the_words_that_say_most_of_it() -> None:
    assert {kind: form_error(kind("why"), WIRE_I2C) for kind in I2C_ERRORS} == I2C_ERRORS


@pytest.mark.parametrize("words", [EN, DE], ids=LANGUAGES)
def test_no_error_about_a_bus_shows_what_is_written_for_developers(words: dict[str, Any]) -> None:
    for error in (*I2C_ERRORS.values(), *MISFITS.values()):
        assert "{detail}" not in words["config"]["error"][error], error


def test_every_common_text_is_used() -> None:
    used = strings_in(ast.parse(Path(flow_words.__file__).read_text())) | {*Trouble}
    assert set(EN["common"]) <= used | {DISABLED.rpartition(".")[2]}
