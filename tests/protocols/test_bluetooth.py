"""Which advertisements are a battery's, and whether Home Assistant tells us of them."""

import re
from collections.abc import Iterable
from typing import Any, cast

import pytest
from aiobmsble.test_data import bms_advertisements, ignore_advertisements
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.protocol import Bluetooth, Protocol
from homeassistant.components.bluetooth import BluetoothServiceInfoBleak
from homeassistant.components.bluetooth.match import BluetoothMatcherIndex
from homeassistant.loader import BluetoothMatcher

from ..product import product_json

MATCHERS: list[dict[str, Any]] = product_json("manifest.json")["bluetooth"]
FF00, FFF0, FF06 = (f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("ff00", "fff0", "ff06"))
NORDIC = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
BATTERIES = {
    "jbd": {"jbd_bms"},  # not "eleksol_bms", whose module has other characteristics, and not "daren_bms"
}
BY_BLUETOOTH = {key: kind.bluetooth for key, kind in PROTOCOLS.items() if kind.bluetooth is not None}
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

type Advertised = tuple[AdvertisementData, str, str, list[str]]
ADVERTISED: list[Advertised] = [*bms_advertisements(), *ignore_advertisements()]

every_protocol = pytest.mark.parametrize("declared", BY_BLUETOOTH.values(), ids=BY_BLUETOOTH)


def title(advertised: Advertised) -> str:
    advertisement, address, kind, _comments = advertised
    return f"{kind}: {advertisement.local_name} {address}"


def heard(advertisement: AdvertisementData, address: str = "12:34:56:78:9A:BC") -> BluetoothServiceInfoBleak:
    """Return what Home Assistant makes of an advertisement."""
    device = BLEDevice(address, advertisement.local_name, None)
    return BluetoothServiceInfoBleak.from_device_and_advertisement_data(
        device, advertisement, "local", 0.0, connectable=True
    )


def advertisement(name: str | None, services: Iterable[str] = ()) -> AdvertisementData:
    return AdvertisementData(name, {}, {}, list(services), None, -60, ())


def is_told(info: BluetoothServiceInfoBleak) -> bool:
    """Whether Home Assistant starts our flow."""
    index = BluetoothMatcherIndex()
    for row in MATCHERS:
        index.add(cast(BluetoothMatcher, {"domain": "battmon", **row}))
    index.build()
    return bool(index.match(info))


def recognised(name: str | None, address: str = "12:34:56:78:9A:BC", services: Iterable[str] = ()) -> bool:
    return Jbd.bluetooth.recognises(name, address, list(services))


# What others have collected.


def test_all_of_it_is_looked_at() -> None:
    assert len(bms_advertisements()) == 190


@pytest.mark.parametrize("advertised", ADVERTISED, ids=title)
def test_every_battery_of_ours_is_recognised_and_no_other(advertised: Advertised) -> None:
    said, address, kind, _comments = advertised
    found = {
        key
        for key, declared in BY_BLUETOOTH.items()
        if declared.recognises(said.local_name, address, said.service_uuids)
    }
    assert found == {key for key, kinds in BATTERIES.items() if kind in kinds}
    assert not found or is_told(heard(said, address or "12:34:56:78:9A:BC"))


# The rule.


@pytest.mark.parametrize(
    ("name", "address", "services", "is_ours"),
    [
        ("JBD-SP04S034", "12:34:56:78:9A:BC", [FF00], True),
        ("JBD-SP04S034", "12:34:56:78:9A:BC", [], True),  # the name from a scan response
        ("JBD-SP04S034", "12:34:56:78:9A:BC", [FFF0], True),
        ("JBD-SP04S034", "12:34:56:78:9A:BC", [NORDIC], True),
        ("JBD-SP04S034", "12:34:56:78:9A:BC", ["0000180f-0000-1000-8000-00805f9b34fb", FF00], True),
        ("JBD-SP04S034", "12:34:56:78:9A:BC", [FF06], False),
        ("jbd-sp04s034", "12:34:56:78:9A:BC", [FF00], False),
        ("My JBD-SP04S034", "12:34:56:78:9A:BC", [FF00], False),
        ("xiaoxiang BMS", "12:34:56:78:9A:BC", [], True),
        ("SP17S005P17S120A", "12:34:56:78:9A:BC", [], True),
        ("UP16S015", "12:34:56:78:9A:BC", [], True),
        ("UP16S015 \0\0 \r\n", "12:34:56:78:9A:BC", [], True),
        ("SP47B-A2410230006", "12:34:56:78:9A:BC", [FF00], False),  # a Seplos
        ("DWF3C8A1F7C1235", "12:34:56:78:9A:BC", [FF00], False),  # a Daren
        ("LT40AH", "12:34:56:78:9A:BC", [FF00], True),
        ("LT40AH   ", "12:34:56:78:9A:BC", [FF00], True),
        ("LT40AH", "12:34:56:78:9A:BC", [], False),
        ("LT40AH", "12:34:56:78:9A:BC", [FFF0], False),
        ("SX1000 camera", "12:34:56:78:9A:BC", [], False),
        ("anything", "A4:C1:37:78:9A:BC", [FF00], True),
        ("anything", "a4:c1:37:78:9a:bc", [FF00], True),
        (None, "A4:C1:38:78:9A:BC", [FF00], True),
        ("", "A4:C1:38:78:9A:BC", [FF00], True),
        # The maker of the chip sells it for thermometers, too.
        ("ATC_78A9BC", "A4:C1:38:78:9A:BC", [], False),
        (None, "A4:C1:38:78:9A:BC", [], False),
        ("anything", "AA:C2:37:78:9A:BC", [FFF0], False),  # a TDT
        ("anything", "A4:C1:37:78:9A:BC", [NORDIC], False),
        ("12150EG00040", "A5:C2:37:00:00:00", [FF06], False),  # an Eleksol
        ("anything", "12:34:56:78:9A:BC", [FF00], False),
        (None, "12:34:56:78:9A:BC", [FF00], False),
        (None, "12:34:56:78:9A:BC", [], False),
        # macOS does not tell addresses.
        ("anything", "6F8A1E20-12B4-4C6E-9D7A-0D6E5A4B3C21", [FF00], False),
        ("JBD-SP04S034", "6F8A1E20-12B4-4C6E-9D7A-0D6E5A4B3C21", [FF00], True),
    ],
)
def test_a_service_alone_is_not_enough(
    name: str | None, address: str, services: list[str], is_ours: bool
) -> None:
    assert recognised(name, address, services) is is_ours


# The manifest.


def test_home_assistant_is_told_the_same_names() -> None:
    assert [row["local_name"] for row in MATCHERS if "local_name" in row] == [
        name for declared in BY_BLUETOOTH.values() for name in declared.names
    ]
    assert {row["service_uuid"] for row in MATCHERS if "service_uuid" in row} == {
        service for declared in BY_BLUETOOTH.values() for service in declared.services
    }


@pytest.mark.parametrize("row", MATCHERS, ids=str)
def test_a_matcher_is_one_that_home_assistant_takes(row: dict[str, Any]) -> None:
    assert row["connectable"] is True
    assert len(row) == 2
    assert re.fullmatch(r"[^*?\[\]]{3}.*", row.get("local_name", "any"))
    assert re.fullmatch(UUID, row.get("service_uuid", FF00))


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("JBD-SP04S034", []),
        ("xiaoxiang BMS", []),
        ("AP21S002-L21S", []),
        ("DP04S007L4S100A", []),
        ("SP17S005P17S120A", []),
        ("UP16S015", [FFF0]),
        ("JBD-SP04S034", [NORDIC]),
        (None, [FF00]),
    ],
)
def test_we_are_told_of_what_may_be_ours(name: str | None, services: list[str]) -> None:
    assert is_told(heard(advertisement(name, services)))


@pytest.mark.parametrize("name", ["SP47B-A2410230006", "DWF3C8A1F7C1235", "LT40AH", "", None])
def test_we_are_not_told_of_names_that_mean_nothing(name: str | None) -> None:
    assert not is_told(heard(advertisement(name)))


# The declarations.


@every_protocol
def test_a_declaration_is_well_formed(declared: Bluetooth) -> None:
    uuids = [uuid for channel in declared.channels for uuid in channel]
    assert len(uuids) == len(set(uuids)) >= 2
    for uuid in (*uuids, *declared.services, *declared.common_services):
        assert re.fullmatch(UUID, uuid)
    assert all(re.fullmatch("[0-9A-F]{2}(:[0-9A-F]{2}){2}", prefix) for prefix in declared.prefixes)
    assert not declared.services & declared.common_services
    assert len({*declared.names, *declared.common_names}) == len(declared.names) + len(declared.common_names)


def test_jbd_talks_where_its_modules_do() -> None:
    assert [(notify[:8], write[:8]) for notify, write in Jbd.bluetooth.channels] == [
        ("0000ff01", "0000ff02"),
        ("0000fff1", "0000fff2"),
        ("6e400003", "6e400002"),
    ]


def test_a_protocol_without_bluetooth_has_nothing_to_say_there() -> None:
    assert Protocol.bluetooth is None
    assert not Protocol.bluetooth_password_is_valid("123456")
    assert list(Protocol.open_link(Jbd())) == []
