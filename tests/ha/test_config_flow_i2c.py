"""Adding batteries on an I2C bus: looked for, or named by hand; every error leaves a way on."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from custom_components.battmon.sources import bus_scan
from custom_components.battmon.transports import i2c, i2c_scan
from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY, SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulators.i2c.ad7091r5 import Ad7091r5
from simulators.i2c.bus import Bus
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.kernel import Kernel
from simulators.i2c.registers import RegisterChip

from ..battery import until
from .bus_dialogs import (
    PATH,
    SHUNT,
    asks,
    batmon,
    begin,
    gauge,
    ina226,
    ina228,
    named,
    options_of,
    scanned,
    shunt,
    submit,
    suggested_in,
    told,
)
from .house import flows, state_of

NAMES = {
    0: "SMBus I801 adapter at efa0",
    1: "bcm2835 (i2c@7e804000)",
    2: "i915 gmbus dpb",
    7: "CP2112 SMBus Bridge on hiddev0",
    8: "SMBus PIIX4 adapter port 0 at 0b00",
    9: "AMDGPU DM aux hw bus 0",
    10: "NVIDIA i2c adapter 1 at 1:00.0",
    11: "DPDDC-A",
    20: "fef04500.i2c",
}


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def kernel(bus: Bus) -> Iterator[Kernel]:
    with Kernel({PATH: bus}).installed() as kernel:
        yield kernel


@pytest.fixture(autouse=True)
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer with buses 1 and 7, and some that are not for batteries."""
    devices, names = tmp_path / "dev", tmp_path / "sys"
    devices.mkdir()
    for number, name in NAMES.items():
        (devices / f"i2c-{number}").touch()
        (names / f"i2c-{number}").mkdir(parents=True)
        (names / f"i2c-{number}" / "name").write_text(f"{name}\n")
    (devices / "i2c-12").touch()  # of which nothing is told
    (devices / "i2c-stub").touch()
    monkeypatch.setattr(bus_scan, "DEVICES", devices)
    monkeypatch.setattr(bus_scan, "NAMES", (tmp_path / "elsewhere", names))
    return tmp_path


async def test_buses_are_offered_with_their_names_but_not_those_of_the_computer_itself(
    hass: HomeAssistant, computer: Path
) -> None:
    form = await begin(hass)
    assert asks(form, "i2c")
    dev = computer / "dev"
    assert options_of(form, "bus") == {
        f"{dev}/i2c-1": f"{dev}/i2c-1 (bcm2835 (i2c@7e804000))",
        f"{dev}/i2c-7": f"{dev}/i2c-7 (CP2112 SMBus Bridge on hiddev0)",
        f"{dev}/i2c-12": f"{dev}/i2c-12",
    }


async def test_without_a_bus_a_form_says_what_to_do(
    hass: HomeAssistant, kernel: Kernel, bus: Bus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as nothing:
        nothing.setattr(bus_scan, "DEVICES", tmp_path / "nowhere")
        form = await begin(hass)
        assert asks(form, "i2c_none")
        form = await submit(hass, form, {})
        assert asks(form, "i2c_none")
        form = await submit(hass, form, {"bus": "9"})
        assert asks(form, "i2c_none", base="i2c_no_bus")
        assert told(form, "bus") == "/dev/i2c-9"
    form = await submit(hass, form, {})
    assert asks(form, "i2c")
    bus.chips[0x0B] = gauge()
    assert asks(await submit(hass, form, {"bus": " 7 "}), "i2c_pick")


async def test_what_is_on_the_bus_is_shown_and_one_is_added(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips |= {0x0B: batmon(), 0x40: ina228(), 0x44: RegisterChip()}
    form = await scanned(hass)
    assert asks(form, "i2c_pick")
    assert options_of(form, "devices") == {
        "0x0b": "Rotoye Batmon at 0x0B, 4 cells, 13.2 V",
        "0x40": "INA228 at 0x40",
        "0x44": "unknown device at 0x44",
    }
    form = await submit(hass, form, {"devices": ["0x0b"]})
    assert asks(form, "i2c_device")
    assert told(form, "device") == "Rotoye Batmon at 0x0B, 4 cells, 13.2 V"
    entry = await named(hass, await submit(hass, form, {}))
    assert entry.unique_id == f"{PATH} 0x0b"
    assert {key: value for key, value in entry.data.items() if key != "battery_key"} == {
        "wire": "i2c", "protocol": "rotoye", "bus": PATH, "bus_address": 0x0B,
    }  # fmt: skip
    assert entry.state is ConfigEntryState.LOADED
    assert float(state_of(hass, entry, "sensor", "voltage").state) == pytest.approx(13.2, abs=0.1)
    assert flows(hass) == []


async def test_a_scan_that_takes_a_while_says_so(hass: HomeAssistant, kernel: Kernel, bus: Bus) -> None:
    form = await begin(hass)
    waiting = await hass.config_entries.flow.async_configure(form["flow_id"], {"bus": PATH})
    assert (waiting["type"], waiting["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "i2c_scan")
    assert told(waiting, "bus") == PATH
    await hass.async_block_till_done()


async def test_a_power_monitor_is_asked_for_its_shunt(hass: HomeAssistant, kernel: Kernel, bus: Bus) -> None:
    bus.chips[0x40] = ina226()
    form = await submit(hass, await scanned(hass), {"devices": ["0x40"]})
    refused = await submit(hass, form, {"shunt": 10, "max_current": 10})
    assert asks(refused, "i2c_device", base="unfit_drop_too_high")
    assert (told(refused, "drop"), told(refused, "most")) == ("100", "81.92")
    assert {len(one.written) for one in bus.log} == {1}
    form = await submit(hass, refused, {**SHUNT, "invert": True, "calibration": {"voltage_gain": 2}})
    assert told(form, "facts") == "26.40 V, 5.00 A"
    entry = await named(hass, form)
    assert (entry.data["shunt"], entry.data["max_current"]) == (0.0005, 90)
    assert float(state_of(hass, entry, "sensor", "current").state) == pytest.approx(5.0, abs=0.02)


async def test_several_are_asked_about_one_after_the_other(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips |= {0x0B: batmon(), 0x0C: batmon(50), 0x40: ina226()}
    form = await submit(hass, await scanned(hass), {"devices": ["0x0b", "0x0c", "0x40"]})
    # Those that wait are shown as found, should this dialog be closed.
    assert sorted((flow["context"]["source"], flow["step_id"]) for flow in flows(hass)) == [
        (SOURCE_INTEGRATION_DISCOVERY, "i2c_device"),
        (SOURCE_INTEGRATION_DISCOVERY, "i2c_device"),
        (SOURCE_USER, "i2c_device"),
    ]
    names = []
    answers: list[dict[str, Any]] = [{}, {}, SHUNT]
    for number, answer in enumerate(answers):
        names.append(told(form, "device").partition(",")[0])
        form = await submit(hass, form, answer)
        assert asks(form, "battery")
        created = await submit(hass, form, {"name": f"Pack {number}"})
        await hass.async_block_till_done()
        if "next_flow" in created:
            _kind, flow_id = created["next_flow"]
            form = next(flow for flow in flows(hass) if flow["flow_id"] == flow_id)
            form = await hass.config_entries.flow.async_configure(flow_id)
    assert names == ["Rotoye Batmon at 0x0B", "Rotoye Batmon at 0x0C", "INA226 at 0x40"]
    entries = hass.config_entries.async_entries(DOMAIN)
    assert {entry.unique_id: entry.state for entry in entries} == {
        f"{PATH} 0x{address:02x}": ConfigEntryState.LOADED for address in (0x0B, 0x0C, 0x40)
    }
    assert flows(hass) == []


async def test_a_dialog_that_was_dismissed_is_not_led_to(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips |= {0x0B: batmon(), 0x0C: batmon(50)}
    form = await submit(hass, await scanned(hass), {"devices": ["0x0b", "0x0c"]})
    (waiting,) = [flow for flow in flows(hass) if flow["flow_id"] != form["flow_id"]]
    assert waiting["context"]["title_placeholders"]["name"].startswith("Rotoye Batmon at 0x0C")
    hass.config_entries.flow.async_abort(waiting["flow_id"])
    created = await submit(hass, await submit(hass, form, {}), {"name": "Van"})
    assert "next_flow" not in created


async def test_what_is_set_up_is_not_listed_but_chips_with_channels_are(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    chip = Ina3221([shunt(volts) for volts in (12.0, 13.0, 14.0)])
    bus.chips |= {0x0B: gauge(), 0x40: chip}
    await named(hass, await submit(hass, await submit(hass, await scanned(hass), {"devices": ["0x0b"]}), {}))
    answers = {"shunt": 0.5, "channel": 1}
    for channel in (1, 2):
        form = await submit(hass, await scanned(hass), {"devices": ["0x40"]})
        entry = await named(hass, await submit(hass, form, {**answers, "channel": channel}))
        assert entry.unique_id == f"{PATH} 0x40 channel {channel}"
        assert float(state_of(hass, entry, "sensor", "voltage").state) == pytest.approx(11 + channel)
    form = await scanned(hass)
    assert options_of(form, "devices") == {"0x40": "INA3221 at 0x40"}
    form = await submit(hass, form, {"devices": ["0x40"]})
    aborted = await submit(hass, form, answers)
    assert (aborted["type"], aborted["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_device_is_set_up_once_under_all_names_of_its_bus(
    hass: HomeAssistant, kernel: Kernel, bus: Bus, tmp_path: Path
) -> None:
    link = tmp_path / "batteries"
    link.symlink_to(PATH)
    bus.chips[0x0B] = gauge()
    await named(hass, await submit(hass, await submit(hass, await scanned(hass), {"devices": ["0x0b"]}), {}))
    nothing = await scanned(hass, str(link))
    assert nothing["step_id"] == "i2c_nothing"
    form = await submit(hass, nothing, {"next_step_id": "i2c_manual"})
    form = await submit(hass, form, {"bus": str(link), "bus_address": "0x0b", "protocol": "sbs"})
    aborted = await submit(hass, form, {})
    assert (aborted["type"], aborted["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_nothing_on_a_bus_leaves_ways_on(hass: HomeAssistant, kernel: Kernel, bus: Bus) -> None:
    menu = await scanned(hass)
    assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "i2c_nothing")
    assert menu["menu_options"] == ["i2c_again", "i2c_manual", "i2c"]
    bus.chips[0x0B] = gauge()
    form = await submit(hass, menu, {"next_step_id": "i2c_again"})
    assert asks(form, "i2c_pick")
    del bus.chips[0x0B]
    assert (await submit(hass, form, {}))["step_id"] == "i2c_nothing"


async def test_a_device_that_is_unknown_is_named_by_hand(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x44] = RegisterChip()
    form = await submit(hass, await scanned(hass), {"devices": ["0x44"]})
    assert asks(form, "i2c_manual")
    assert suggested_in(form) == {"bus": PATH, "bus_address": "0x44"}


async def test_the_bus_that_was_looked_at_need_not_be_named_again(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    form = await submit(hass, await scanned(hass), {"next_step_id": "i2c_manual"})
    assert asks(form, "i2c_manual")
    assert suggested_in(form) == {"bus": PATH}


@pytest.mark.parametrize("address", ["", "44", "0x", "0x07", "0x78", "0x100", "0b1", "zero"])
async def test_an_address_must_be_one(hass: HomeAssistant, kernel: Kernel, address: str) -> None:
    form = await submit(hass, await scanned(hass), {"next_step_id": "i2c_manual"})
    form = await submit(hass, form, {"bus": "7", "bus_address": address, "protocol": "ina226"})
    assert asks(form, "i2c_manual", bus_address="invalid_bus_address")
    form = await submit(hass, form, {"bus": "7", "bus_address": " 0X4a ", "protocol": "ina226"})
    assert asks(form, "i2c_device")


async def test_a_converter_that_no_scan_looks_at_is_added_by_hand(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x2F] = Ad7091r5([lambda: 1.2, lambda: 1.65, lambda: 0.5, lambda: 0.5])
    form = await submit(hass, await scanned(hass), {"next_step_id": "i2c_manual"})
    form = await submit(hass, form, {"bus": PATH, "bus_address": "0x2f", "protocol": "ad7091r5"})
    form = await submit(hass, form, {})
    assert asks(form, "i2c_device", base="unfit_no_channel")
    calibration = {"voltage_gain": 11.0, "current_gain": 20.0, "current_offset": 1.65}
    answers = {"channel": 1, "current_channel": 2, "calibration": calibration}
    entry = await named(hass, await submit(hass, form, answers))
    assert entry.unique_id == f"{PATH} 0x2f channel 1 current_channel 2"
    assert float(state_of(hass, entry, "sensor", "voltage").state) == pytest.approx(13.2, abs=0.02)
    assert {one.address for one in bus.log if one.address == 0x2F}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "no_acknowledge"}, "i2c_no_reply"),
        ({"kind": "timeout"}, "i2c_blocked"),
        ({"kind": "bad_pec"}, "i2c_bad_frame"),
        ({"kind": "busy"}, "i2c_in_use"),
        ({"kind": "gone"}, "i2c_no_bus"),
    ],
)
async def test_an_error_of_the_device_leads_back_to_its_form(
    hass: HomeAssistant,
    kernel: Kernel,
    bus: Bus,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
    error: str,
) -> None:
    bus.chips[0x0B] = batmon()
    form = await submit(hass, await scanned(hass), {"devices": ["0x0b"]})
    bus.inject(count=None, **fault)
    form = await submit(hass, form, {})
    assert asks(form, "i2c_device", base=error)
    assert any(line.startswith("The battery cannot be read: ") for line in caplog.messages)
    bus.clear()
    await named(hass, await submit(hass, form, {}))


async def test_a_bus_that_may_not_be_opened_is_told_of(
    hass: HomeAssistant, kernel: Kernel, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as forbidden:
        forbidden.setattr(Bus, "transfer", _forbidden)
        form = await scanned(hass)
    assert asks(form, "i2c", base="i2c_no_permission")
    assert told(form, "bus") == PATH
    bus.chips[0x0B] = gauge()
    assert asks(await submit(hass, form, {"bus": PATH}), "i2c_pick")


def _forbidden(*_arguments: object) -> None:
    raise PermissionError(13, "Permission denied")


async def test_what_is_no_bus_is_told_of(
    hass: HomeAssistant, kernel: Kernel, caplog: pytest.LogCaptureFixture
) -> None:
    form = await scanned(hass, "/dev/null")
    assert asks(form, "i2c", base="i2c_not_a_bus")
    assert told(form, "bus") == "/dev/null"
    assert "/dev/null cannot be looked at: /dev/null is no I2C bus" in caplog.messages


async def test_an_address_of_a_driver_is_shown_and_cannot_be_used(
    hass: HomeAssistant, kernel: Kernel, bus: Bus
) -> None:
    bus.chips[0x0B] = gauge()
    bus.taken.add(0x0B)
    form = await scanned(hass)
    assert options_of(form, "devices") == {"0x0b": "unknown device at 0x0B, in use by a kernel driver"}
    form = await submit(hass, form, {"devices": ["0x0b"]})
    form = await submit(hass, form, {"bus": PATH, "bus_address": "0x0b", "protocol": "sbs"})
    assert asks(await submit(hass, form, {}), "i2c_device", base="i2c_in_use")
    assert kernel.forced == []


async def test_a_bus_that_hangs_is_told_of(
    hass: HomeAssistant, kernel: Kernel, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i2c, "HANG_TIME", 0.05)
    monkeypatch.setattr(i2c_scan, "ADDRESS_TIME", 0.05)
    bus.inject("hang", seconds=30)
    form = await scanned(hass)
    assert asks(form, "i2c", base="i2c_blocked")
    assert told(form, "bus") == PATH
    bus.clear()
    # Its thread ends when the transfer does.
    await until(hass, lambda: not any(thread.name == f"i2c {PATH}" for thread in threading.enumerate()))
