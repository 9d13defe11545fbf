"""Reading a JBD board: who it is, how it is, what it counted."""

import pytest

from custom_components.battmon.model.errors import BadFrame, NoReply, Refusal, Refused
from custom_components.battmon.model.reading import Place
from custom_components.battmon.protocols.jbd import Jbd
from simulators.jbd import JbdDevice
from simulators.jbd_frames import reply_frame
from simulators.jbd_protection import Bit
from simulators.presets import house_16s, steady_4s, van_4s

from .driver import Driver, Fault, play


def test_a_poll_reads_two_registers() -> None:
    driver = Driver(steady_4s())
    driver.say(Jbd().poll())
    assert driver.registers == ["a503", "a504"]


def test_a_poll_shows_the_battery() -> None:
    reading = Driver(steady_4s()).say(Jbd().poll())
    assert reading.cell_voltages == (3.31, 3.312, 3.309, 3.311)
    assert (reading.voltage, reading.current) == (13.24, -1.5)
    assert (reading.state_of_charge, reading.remaining_capacity, reading.full_capacity) == (63, 63, 100)
    assert (reading.charging_enabled, reading.discharging_enabled) == (True, True)
    assert reading.alarms == frozenset()
    assert reading.balancing_enabled is None


@pytest.mark.parametrize("seed", range(5))
def test_what_is_read_is_within_a_digit_of_the_battery(seed: int) -> None:
    rig = house_16s(seed)
    rig.device.tick(0.0)
    rig.device.tick(20.0)
    driver = Driver(rig.device)
    driver.now = 20.0
    reading = driver.say(Jbd().poll())
    battery = rig.battery
    assert reading.cell_voltages == pytest.approx(battery.cell_voltages, abs=0.0006)
    assert reading.voltage == pytest.approx(battery.terminal_voltage, abs=0.006)
    assert reading.current == pytest.approx(battery.current, abs=0.006)
    assert reading.temperatures is not None
    assert [sensor.value for sensor in reading.temperatures] == pytest.approx(
        battery.temperatures(4), abs=0.06
    )
    assert [sensor.place for sensor in reading.temperatures] == [Place.MOSFET] + [Place.CELL] * 3
    assert reading.design_capacity == 4.0


def test_a_broken_sense_wire_is_a_cell_of_0_v() -> None:
    rig = van_4s()
    rig.battery.open_wire(3)
    cells = Driver(rig.device).say(Jbd().poll()).cell_voltages
    assert cells is not None
    assert [cell == 0 for cell in cells] == [False, False, True, False]


def test_protections_show_as_alarms() -> None:
    device = steady_4s(defects=Bit.FRONT_END | Bit.CHARGE_MOSFET)
    assert Driver(device).say(Jbd().poll()).alarms == {"front_end_failure", "charge_mosfet_failure"}


def test_a_sleeping_board_loses_a_request_and_is_asked_again() -> None:
    driver = Driver(steady_4s(loses_first_request=True))
    assert driver.say(Jbd().poll()).voltage == 13.24
    assert (len(driver.requests), driver.attempts) == (2, 3)


def test_a_request_garbled_on_its_way_is_repeated() -> None:
    refusal, frame = reply_frame(5, status=0x82), reply_frame(5, b"JBD")
    info = Driver(steady_4s()).board.receive(bytes.fromhex("dda50300fffd77"), 0.0)[0].data
    assert play(Jbd().identify(), [info, refusal, refusal, frame]).model == "JBD"


def test_a_request_garbled_three_times_is_an_error() -> None:
    with pytest.raises(Refused) as caught:
        play(Jbd().poll(), [reply_frame(3, status=0x82)] * 3)
    assert caught.value.reason is Refusal.CHECKSUM


@pytest.mark.parametrize(("status", "reason"), [(0x80, Refusal.UNKNOWN_COMMAND), (0x84, Refusal.OTHER)])
def test_a_refused_poll_says_why(status: int, reason: Refusal) -> None:
    with pytest.raises(Refused) as caught:
        play(Jbd().poll(), [reply_frame(3, status=status)])
    assert caught.value.reason is reason


@pytest.mark.parametrize(("fault", "error"), [(Fault.REQUEST_LOST, NoReply), (Fault.REPLY_GARBLED, BadFrame)])
@pytest.mark.parametrize("exchange", [0, 1])
def test_a_poll_that_fails_halfway_is_no_reading(fault: Fault, error: type[Exception], exchange: int) -> None:
    with pytest.raises(error):
        Driver(steady_4s(), {exchange: fault}).say(Jbd().poll())


def test_cells_cut_short_are_a_bad_frame() -> None:
    info = steady_4s().receive(bytes.fromhex("dda50300fffd77"), 0.0)[0].data
    with pytest.raises(BadFrame):
        play(Jbd().poll(), [info, reply_frame(4, b"\x0d\x66\x0d")])


def test_identify_tells_maker_model_firmware_and_date() -> None:
    identity = Driver(steady_4s()).say(Jbd().identify())
    assert (identity.manufacturer, identity.model) == ("JBD", "JBD-SP04S034-L4S-200A-B-U")
    assert (identity.firmware, str(identity.manufactured)) == ("8.0", "2022-03-28")
    assert (identity.serial_number, identity.hardware, identity.chemistry) == (None, None, None)


@pytest.mark.parametrize("fault", [Fault.REFUSED_80, Fault.REFUSED_81, Fault.REQUEST_LOST])
def test_a_board_without_a_name_is_identified(fault: Fault) -> None:
    identity = Driver(steady_4s(), {1: fault}).say(Jbd().identify())
    assert (identity.manufacturer, identity.model, identity.firmware) == ("JBD", None, "8.0")


def test_an_empty_name_is_no_name() -> None:
    assert Driver(steady_4s(name="")).say(Jbd().identify()).model is None


def counting(words: int) -> JbdDevice:
    device = steady_4s(counter_words=words)
    device.protections.trip(Bit.CELL_LOW)
    device.protections.clear()
    device.protections.trip(Bit.CELL_LOW)
    device.protections.trip(Bit.PACK_LOW)
    return device


def test_counters_tell_trips_and_restarts() -> None:
    counts = Driver(counting(12)).say(Jbd().poll_counts())
    assert counts is not None
    assert {name: count for name, count in counts.items() if count} == {
        "cell_undervoltage": 2,
        "pack_undervoltage": 1,
        "restarts": 1,
    }
    assert len(counts) == 12


def test_older_firmware_counts_no_restarts() -> None:
    counts = Driver(counting(11)).say(Jbd().poll_counts())
    assert counts is not None
    assert "restarts" not in counts
    assert (len(counts), counts["pack_undervoltage"]) == (11, 1)


def test_a_board_that_does_not_count_says_so() -> None:
    assert Driver(counting(0)).say(Jbd().poll_counts()) is None


def test_silence_does_not_mean_that_a_board_does_not_count() -> None:
    with pytest.raises(NoReply):
        Driver(counting(12), {0: Fault.REQUEST_LOST}).say(Jbd().poll_counts())
