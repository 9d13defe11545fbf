"""Adding a battery: it is read first, and every error leaves a way on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.sources.device import WIRES
from custom_components.battmon.transports.wires import Wires
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from ..battery import Bench, jbd, shown
from .house import BASIC_INFO, add, cells_of, fixed

pytestmark = pytest.mark.usefixtures("quick")


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Start to add a battery on a serial port."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "user")
    own_wire, others = (
        ["bluetooth_scan", "bluetooth_manual", "serial", "i2c"],
        ["virtual", "entities", "pushed"],
    )
    assert menu["menu_options"] == [*own_wire, *others]
    result = await submit(hass, menu, {"next_step_id": "serial"})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "serial", {})
    return result


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any]
) -> ConfigFlowResult:
    """Fill in the form that is shown."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], dict(user_input))


def serial(path: str, **line: Any) -> dict[str, Any]:
    """Fill in the form about the port."""
    return {"device": path, "protocol": "jbd", "line": line}


def asks(result: ConfigFlowResult, step: str, **errors: str) -> bool:
    """Whether this form is shown, with exactly these errors."""
    return (result.get("step_id"), result.get("errors") or {}) == (step, errors)


async def named(hass: HomeAssistant, result: ConfigFlowResult, name: str = "Van") -> ConfigEntry:
    """Name the battery that was found, without a chemistry, and return its entry."""
    if result.get("step_id") == "same_battery":
        result = await submit(hass, result, {"next_step_id": "keep_both"})
    assert asks(result, "battery")
    created = await submit(hass, result, {"name": name})
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return created["result"]


async def test_a_battery_is_read_and_shown_before_it_is_added(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(3.3, 3.31, 3.32, 3.33, remaining_capacity=2.4)
    result = await submit(hass, await begin(hass), serial(bench.plug_in(device).path))
    assert asks(result, "battery")
    described = result["description_placeholders"]
    assert described == {
        "model": "JBD-SP04S034-L4S-200A-B-U",
        "facts": "4 cells, 13.26 V, 0.00 A, 60 % of 4 Ah, firmware 8.0",
    }
    assert result["data_schema"] is not None
    assert result["data_schema"]({}) == {"name": "JBD-SP04S034-L4S-200A-B-U", "use": "stationary"}


async def test_a_port_is_all_that_must_be_named(hass: HomeAssistant, bench: Bench) -> None:
    result = await submit(hass, await begin(hass), {"device": bench.plug_in().path})
    assert asks(result, "battery")


@pytest.mark.parametrize(
    ("name", "model"),
    [("JBD-AP21S001", "JBD-AP21S001"), ("SP17S005", "JBD SP17S005"), ("", "JBD")],
)
async def test_the_maker_is_named_once(hass: HomeAssistant, bench: Bench, name: str, model: str) -> None:
    result = await submit(hass, await begin(hass), serial(bench.plug_in(jbd(name=name)).path))
    assert (result["description_placeholders"] or {})["model"] == model


async def test_the_entry_holds_the_connection_and_a_key_of_its_own(hass: HomeAssistant, bench: Bench) -> None:
    first, second = bench.plug_in(), bench.plug_in()
    entries = [
        await named(hass, await submit(hass, await begin(hass), serial(port.path)), name)
        for port, name in ((first, " Van "), (second, " "))
    ]
    # An empty name falls back to what the battery calls itself.
    assert [entry.title for entry in entries] == ["Van", "JBD-SP04S034-L4S-200A-B-U"]
    assert [entry.unique_id for entry in entries] == [first.path, second.path]
    ids = [entry.data[CONF_BATTERY_KEY] for entry in entries]
    assert len(set(ids)) == 2
    assert all(len(key) == 26 for key in ids)
    assert entries[0].data == {
        "battery_key": ids[0],
        "wire": "serial",
        "protocol": "jbd",
        "device": first.path,
        "baud_rate": 9600,
    }
    assert entries[0].options == {"use": "stationary"}


async def test_of_a_battery_that_says_little_only_that_is_shown(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(supports_name=False)
    device.full_capacity = 0.01
    device.remaining_capacity = 0.02
    port = bench.plug_in(device)
    with patch.object(type(device), "state_of_charge", 255):
        result = await submit(hass, await begin(hass), serial(port.path))
    described = result["description_placeholders"] or {}
    assert (described["model"], described["facts"]) == (
        "JBD",
        "4 cells, 13.21 V, 0.00 A, 4 Ah when full, firmware 8.0",
    )
    entry = await named(hass, result, "  ")
    assert entry.title == "JBD"


async def test_an_empty_battery_is_shown_as_empty(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(0.0, 0.0, 0.0, 0.0, remaining_capacity=0.0))
    result = await submit(hass, await begin(hass), serial(port.path))
    described = result["description_placeholders"] or {}
    assert described["facts"].startswith("4 cells, 0.00 V, 0.00 A, 0 % of ")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("no_reply", {"kind": "silence"}),
        ("bad_frame", {"kind": "truncate"}),
        ("refused_unknown_command", {"kind": "error", "status": 0x80}),
        ("refused_checksum", {"kind": "error", "status": 0x82}),
        ("refused_other", {"kind": "error", "status": 0x83}),
        ("refused_other", {"kind": "error", "status": 0x99}),
    ],
)
async def test_an_error_is_shown_and_the_same_form_leads_on(
    hass: HomeAssistant, bench: Bench, error: str, fault: dict[str, Any]
) -> None:
    port = bench.plug_in()
    port.faults.inject(count=None, register=BASIC_INFO, **fault)
    result = await submit(hass, await begin(hass), serial(port.path))
    assert asks(result, "serial", base=error)
    port.faults.clear()
    entry = await named(hass, await submit(hass, result, serial(port.path)))
    assert entry.data["device"] == port.path


async def test_a_port_that_is_not_there_is_told_by_name(
    hass: HomeAssistant, bench: Bench, tmp_path: Path
) -> None:
    result = await submit(hass, await begin(hass), serial(str(tmp_path / "nothing")))
    assert asks(result, "serial", base="link_down")
    assert "No such file" in (result["description_placeholders"] or {})["detail"]
    await named(hass, await submit(hass, result, serial(bench.plug_in().path)))


async def test_an_address_that_means_nothing_is_an_error(hass: HomeAssistant, bench: Bench) -> None:
    result = await submit(hass, await begin(hass), serial("nonsense://here"))
    assert asks(result, "serial", base="link_down")
    await named(hass, await submit(hass, result, serial(bench.plug_in().path)))


async def test_a_wire_in_use_at_another_speed_is_an_error(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    wires = hass.data.setdefault(WIRES, Wires())
    wire = await wires.acquire_serial(port.path, 19200)
    result = await submit(hass, await begin(hass), serial(port.path))
    assert asks(result, "serial", base="wire_conflict")
    detail = (result["description_placeholders"] or {})["detail"]
    assert "19200" in detail
    assert "9600" in detail
    await wires.release(wire)
    await named(hass, await submit(hass, result, serial(port.path)))


async def test_a_baud_rate_is_kept_as_a_whole_number_and_used(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    entry = await named(hass, await submit(hass, await begin(hass), serial(port.path, baud_rate=19200.0)))
    assert repr(entry.data["baud_rate"]) == "19200"
    assert port.line.line_settings.baud_rate == 19200


@pytest.mark.parametrize("baud_rate", [0, 299, 1_000_000])
async def test_a_baud_rate_out_of_range_is_not_taken(
    hass: HomeAssistant, bench: Bench, baud_rate: int
) -> None:
    result = await begin(hass)
    with pytest.raises(InvalidData):
        await submit(hass, result, serial(bench.plug_in().path, baud_rate=baud_rate))


async def test_a_battery_with_a_password_is_added_after_the_right_one(
    hass: HomeAssistant, bench: Bench
) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    result = await submit(hass, await begin(hass), serial(port.path))
    assert asks(result, "password")
    for password, error in (
        ("12345", {"password": "invalid_password"}),
        ("12345x", {"password": "invalid_password"}),
        ("", {"base": "password_needed"}),
        ("000000", {"base": "wrong_password"}),
    ):
        result = await submit(hass, result, {"password": password})
        assert asks(result, "password", **error)
    entry = await named(hass, await submit(hass, result, {"password": "123456"}))
    assert entry.data["password"] == "123456"


async def test_silence_at_the_password_leads_on(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    result = await submit(hass, await begin(hass), serial(port.path))
    port.faults.inject("silence", None)
    result = await submit(hass, result, {"password": "123456"})
    assert asks(result, "password", base="no_reply")
    port.faults.clear()
    await named(hass, await submit(hass, result, {"password": "123456"}))


async def test_a_port_is_set_up_once(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    await add(hass, port)
    result = await submit(hass, await begin(hass), serial(port.path))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_port_is_set_up_once_under_all_its_names(
    hass: HomeAssistant, bench: Bench, tmp_path: Path
) -> None:
    port = bench.plug_in()
    await add(hass, port)
    other_name = tmp_path / "by-path"
    other_name.symlink_to(port.path)
    result = await submit(hass, await begin(hass), serial(str(other_name)))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_one_port_is_set_up_by_one_dialog_at_a_time(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    first = await submit(hass, await begin(hass), serial(port.path))
    second = await submit(hass, await begin(hass), serial(port.path))
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "already_in_progress")
    await named(hass, first)


async def test_a_port_is_known_by_the_name_it_keeps(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in()
    lasting = {"/dev/ttyUSB7": port.path}
    with patch("homeassistant.components.usb.get_serial_by_id", lasting.__getitem__):
        result = await submit(hass, await begin(hass), serial(" /dev/ttyUSB7 "))
    entry = await named(hass, result)
    assert entry.data["device"] == entry.unique_id == port.path


async def test_what_was_typed_is_still_there_after_an_error(
    hass: HomeAssistant, bench: Bench, tmp_path: Path
) -> None:
    typed = str(tmp_path / "nothing")
    result = await submit(hass, await begin(hass), serial(typed, baud_rate=4800))
    assert result["data_schema"] is not None
    suggested = {str(key): key.description for key in result["data_schema"].schema if key.description}
    assert suggested["device"] == {"suggested_value": typed}


async def test_values_move_once_the_battery_is_added(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed(3.3, 3.3, 3.3, 3.3))
    entry = await named(hass, await submit(hass, await begin(hass), serial(port.path)))
    assert shown(hass, entry, "sensor", "voltage") == "13.2"
    cells_of(port.device).sensed_cell_voltages = (3.4,) * 4
    await entry.runtime_data.async_read_now()
    assert shown(hass, entry, "sensor", "voltage") == "13.6"
