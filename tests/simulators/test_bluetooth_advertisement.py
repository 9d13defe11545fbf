"""Advertising packets, read by the parser that Home Assistant uses."""

import pytest
from bluetooth_data_tools import parse_advertisement_data_bytes

from simulators.bluetooth.advertisement import Advertisement
from simulators.bluetooth.jbd import jbd_advertisement
from simulators.bluetooth.module import VARIANTS

FF00 = VARIANTS["ff00"][0]
NORDIC = VARIANTS["nordic"][0]


def test_the_bytes_are_those_of_the_specification() -> None:
    said = Advertisement("JBD", (0xFF00,), {0xC1A4: b"\x38\x99"})
    assert said.packet == bytes.fromhex("020106 030300ff 05ffa4c13899 04094a4244")
    assert said.scan_response == b""


@pytest.mark.parametrize("service", [0xFF00, NORDIC])
def test_name_service_and_manufacturer_are_understood(service: int | str) -> None:
    said = Advertisement("JBD", (service,), {0xC1A4: b"\x38"})
    name, services, data, manufacturer, _ = parse_advertisement_data_bytes(said.packet)
    assert (name, services, data) == ("JBD", [FF00 if service == 0xFF00 else service], {})
    assert manufacturer == {0xC1A4: b"\x38"}


def test_a_name_in_the_scan_response_is_not_in_the_packet() -> None:
    said = Advertisement("JBD", (0xFF00,), name_in_scan_response=True)
    assert b"JBD" not in said.packet
    assert said.scan_response == b"\x04\x09JBD"
    assert parse_advertisement_data_bytes(said.packet + said.scan_response)[0] == "JBD"


def test_no_name_is_no_name() -> None:
    assert parse_advertisement_data_bytes(Advertisement().packet)[0] is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Advertisement("x" * 27)
    with pytest.raises(ValueError, match="do not fit"):
        Advertisement("x" * 30, name_in_scan_response=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_jbd_module_advertises_its_service_and_its_name(variant: str) -> None:
    said = jbd_advertisement("A4:C1:37:00:00:01", "JBD-SP04S034", variant)
    name, services, _, _, _ = parse_advertisement_data_bytes(said.packet + said.scan_response)
    assert (name, services) == ("JBD-SP04S034", [VARIANTS[variant][0]])


def test_a_jbd_module_tells_its_address_in_reverse() -> None:
    said = jbd_advertisement("A4:C1:37:01:02:03", "JBD")
    assert bytes.fromhex("07ff 03020137c1a4".replace(" ", "")) in said.packet
