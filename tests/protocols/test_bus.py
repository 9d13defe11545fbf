"""What all devices on a bus have in common."""

import pytest

from custom_components.battmon.model.errors import Refusal, Refused
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.protocols.bus import BusProtocol, BusSettings

from .driver import approved, unrecorded
from .kinds import ON_BUS, settings_of

FIELDS = {
    "shunt", "max_current", "channel", "current_channel", "cells", "pec", "invert", "fine_range",
    "voltage_gain", "current_gain", "voltage_offset", "current_offset",
}  # fmt: skip

every_device = pytest.mark.parametrize("key", ON_BUS)


def device(key: str) -> BusProtocol:
    return ON_BUS[key](settings_of(key))


@every_device
def test_a_device_says_where_it_is_found_and_what_it_must_be_told(key: str) -> None:
    kind = ON_BUS[key]
    assert kind.is_on_bus
    assert kind.addresses
    assert all(0x08 <= address < 0x78 for address in kind.addresses)
    assert kind.needs | kind.takes <= FIELDS
    assert not kind.needs & kind.takes
    assert 0 < kind.default_interval <= 10


@every_device
def test_a_device_on_a_bus_is_read_and_nothing_else(key: str) -> None:
    protocol = device(key)
    assert (protocol.switches, protocol.bluetooth) == (frozenset(), None)
    assert list(protocol.recover()) == []
    assert list(protocol.read_settings()) == []
    assert list(protocol.poll_counts()) == []
    assert list(protocol.open_link()) == []
    protocol.forget_settings()


@every_device
def test_there_is_no_password_to_a_device_on_a_bus(key: str) -> None:
    protocol = device(key)
    assert not protocol.password_is_valid("123456")
    with pytest.raises(Refused) as refused:
        list(protocol.log_in())
    assert refused.value.reason is Refusal.UNKNOWN_COMMAND


@every_device
def test_a_device_on_a_bus_cannot_be_commanded(key: str) -> None:
    with pytest.raises(Refused) as refused:
        list(device(key).command(Wanted(charging=False), approved, unrecorded))
    assert refused.value.reason is Refusal.UNKNOWN_COMMAND


def test_settings_are_read_from_what_is_stored_and_the_rest_is_as_usual() -> None:
    stored = {"address": 0x0C, "cells": 6, "protocol": "sbs", "wire": "i2c"}
    assert BusSettings.of(stored) == BusSettings(address=0x0C, cells=6)
