"""Switching the MOSFETs of a JBD board."""

from dataclasses import replace

import pytest

from custom_components.battmon.model.errors import (
    CommandBlocked,
    LinkDown,
    NoReply,
    Refusal,
    Refused,
)
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import Mosfets, SwitchMemory, Wanted
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.jbd_mosfets import MOSFET_LOCK, MOSFET_SWITCH
from simulators.jbd_protection import Bit

from .boards import FactoryModeBoard, SlowBoard, board, newest, protected
from .driver import Driver, Fault, command

PAIRS = [Mosfets(charging, discharging) for charging in (True, False) for discharging in (True, False)]
ON = Mosfets(charging=True, discharging=True)
CHARGING_OFF = Mosfets(charging=False, discharging=True)
DISCHARGING_OFF = Mosfets(charging=True, discharging=False)
E1, FB = "5ae1", "5afb"
E1_EXCHANGE = 2
"""After the two of the poll that each command begins with."""


@pytest.mark.parametrize("pair", PAIRS)
def test_both_switches_obey_one_write(pair: Mosfets) -> None:
    device, protocol = board(lock=3), Jbd()
    driver = Driver(device)
    outcome = driver.say(command(protocol, Wanted(*pair)))
    assert (outcome.obeyed, device.charge_fet, device.discharge_fet) == (True, *pair)
    assert protocol.memory == SwitchMemory(commanded=pair, mosfet_register=MOSFET_LOCK)
    assert driver.registers == ["a503", "a504", E1, "a503", "a504"]


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [(Wanted(charging=False), 1), (Wanted(discharging=False), 2), (Wanted(charging=True), 0)],
)
def test_one_switch_leaves_the_other_as_it_was(wanted: Wanted, lock: int) -> None:
    device, protocol = board(), Jbd()
    outcome = Driver(device).say(command(protocol, wanted))
    assert (outcome.obeyed, device.lock, device.flash_writes) == (True, lock, 0)
    assert (outcome.reading.charging_enabled, outcome.reading.discharging_enabled) == (
        not lock & 1,
        not lock & 2,
    )


def test_switches_are_combined_with_what_was_commanded_before() -> None:
    device, protocol = board(), Jbd()
    driver = Driver(device)
    for wanted, lock in (
        (Wanted(charging=False), 1),
        (Wanted(discharging=False), 3),
        (Wanted(charging=True), 2),
        (Wanted(discharging=True), 0),
    ):
        assert driver.say(command(protocol, wanted)).obeyed
        assert device.lock == lock


def test_nothing_wanted_is_only_read() -> None:
    driver = Driver(board())
    assert driver.say(command(Jbd(), Wanted())).obeyed
    assert set(driver.registers) == {"a503", "a504"}


def test_the_effect_is_looked_for_only_after_the_mosfets_settled() -> None:
    driver = Driver(board())
    driver.say(command(Jbd(), Wanted(charging=False)))
    assert driver.now == 1.0


def test_slow_mosfets_are_given_a_second_look() -> None:
    device = board(SlowBoard)
    driver = Driver(device)
    outcome = driver.say(command(Jbd(), Wanted(charging=False)))
    assert (outcome.obeyed, device.lock, driver.now) == (True, 1, 2.0)


# What the rules forbid.


def test_what_is_not_approved_is_not_sent() -> None:
    seen: list[Reading] = []

    def approval(reading: Reading) -> None:
        seen.append(reading)
        raise CommandBlocked("charging_under_load")

    device, memory = board(), SwitchMemory(commanded=CHARGING_OFF)
    driver, protocol = Driver(device), Jbd(None, memory)
    with pytest.raises(CommandBlocked, match="charging under load"):
        driver.say(command(protocol, Wanted(charging=False, balancing=False), approval=approval))
    assert [reading.voltage for reading in seen] == [13.24]
    assert driver.registers == ["a503", "a504"]
    assert protocol.memory is memory


@pytest.mark.parametrize("lock", [1, 2, 3])
@pytest.mark.parametrize("wanted", [Wanted(charging=True), Wanted(discharging=True), Wanted(charging=False)])
def test_a_lock_of_unknown_origin_is_touched_only_when_both_are_stated(lock: int, wanted: Wanted) -> None:
    device, protocol = board(lock=lock), Jbd()
    driver = Driver(device)
    with pytest.raises(CommandBlocked, match="state both"):
        driver.say(command(protocol, wanted))
    assert device.lock == lock
    assert E1 not in driver.registers
    assert driver.say(command(protocol, Wanted(charging=True, discharging=True))).obeyed
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert device.lock == 1


@pytest.mark.parametrize(
    ("remembered", "lock"),
    [(CHARGING_OFF, 2), (DISCHARGING_OFF, 1), (Mosfets(False, False), 1), (ON, 1), (ON, 3)],
)
def test_a_memory_that_is_seen_to_be_wrong_counts_for_nothing(remembered: Mosfets, lock: int) -> None:
    device = board(lock=lock)
    with pytest.raises(CommandBlocked, match="state both"):
        Driver(device).say(command(Jbd(None, SwitchMemory(commanded=remembered)), Wanted(discharging=False)))
    assert device.lock == lock


@pytest.mark.parametrize(
    ("bit", "wanted", "lock"),
    [
        (Bit.CELL_HIGH, Wanted(discharging=False), 2),
        (Bit.CELL_LOW, Wanted(charging=False), 1),
        (Bit.SHORT_CIRCUIT, Wanted(charging=False), 1),
        (Bit.SHORT_CIRCUIT, Wanted(discharging=False), 2),
    ],
)
def test_a_mosfet_that_a_protection_holds_off_is_not_locked_as_well(
    bit: Bit, wanted: Wanted, lock: int
) -> None:
    device, protocol = protected(bit), Jbd()
    driver = Driver(device)
    assert driver.say(command(protocol, wanted)).obeyed
    assert device.lock == lock
    device.protections.clear()
    back = Wanted(*(None if switch is None else True for switch in wanted))
    assert driver.say(command(protocol, back)).obeyed
    assert (device.lock, device.charge_fet, device.discharge_fet) == (0, True, True)


def test_a_protection_beside_a_remembered_lock_is_not_locked_either() -> None:
    device = protected(Bit.CELL_HIGH, lock=2)
    protocol = Jbd(None, SwitchMemory(commanded=DISCHARGING_OFF))
    assert Driver(device).say(command(protocol, Wanted(discharging=True))).obeyed
    assert device.lock == 0


def test_a_release_against_a_protection_is_not_obeyed() -> None:
    device = protected(Bit.CELL_HIGH)
    outcome = Driver(device).say(command(Jbd(), Wanted(charging=True)))
    assert not outcome.obeyed
    assert outcome.reading.charging_enabled is False
    assert device.lock == 0


# Which register.


def test_newest_firmware_is_switched_by_its_own_register_which_is_remembered() -> None:
    device, protocol = newest(), Jbd()
    driver = Driver(device)
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert (device.lock, protocol.memory.mosfet_register) == (1, MOSFET_SWITCH)
    assert driver.registers.count(E1) == 1
    assert driver.say(command(protocol, Wanted(discharging=False))).obeyed
    assert (device.lock, driver.registers.count(E1)) == (3, 1)
    assert [request.hex()[8:12] for request in driver.requests if request[2] == 0xFB] == ["0100", "0000"]


def test_where_both_registers_are_known_the_older_is_used() -> None:
    driver = Driver(board(supports_control=True))
    driver.say(command(Jbd(), Wanted(charging=False)))
    assert (driver.registers.count(E1), driver.registers.count(FB)) == (1, 0)


def test_both_switches_of_newest_firmware_take_two_writes() -> None:
    device, protocol = newest(), Jbd()
    driver = Driver(device)
    assert driver.say(command(protocol, Wanted(charging=False, discharging=False))).obeyed
    assert (device.lock, driver.registers.count(FB)) == (3, 2)


def test_a_board_that_knows_neither_register_refuses_with_its_reason() -> None:
    device, protocol = board(supports_lock=False), Jbd()
    driver = Driver(device)
    with pytest.raises(Refused) as caught:
        driver.say(command(protocol, Wanted(charging=False)))
    assert caught.value.reason is Refusal.UNKNOWN_COMMAND
    assert driver.registers == ["a503", "a504", E1, FB]
    assert protocol.memory == SwitchMemory()


def test_a_register_that_new_firmware_forgot_is_looked_for_again() -> None:
    device, protocol = newest(), Jbd(None, SwitchMemory(mosfet_register=MOSFET_LOCK))
    driver = Driver(device)
    with pytest.raises(Refused):
        driver.say(command(protocol, Wanted(charging=False)))
    assert FB not in driver.registers
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert protocol.memory.mosfet_register == MOSFET_SWITCH


@pytest.mark.parametrize("damaged", [0x00, 0x29, 0x2D, 0x0A, 0x1E1, 10**9])
def test_a_damaged_memory_never_leads_to_another_register(damaged: int) -> None:
    device, protocol = board(), Jbd(None, SwitchMemory(mosfet_register=damaged))
    driver = Driver(device)
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert driver.registers == ["a503", "a504", E1, "a503", "a504"]


def test_half_a_command_is_not_forgotten() -> None:
    """The first of two writes arrived, the second was refused: nobody knows what was meant."""
    device, protocol = newest(), Jbd(None, SwitchMemory(mosfet_register=MOSFET_SWITCH, commanded=ON))
    with pytest.raises(Refused):
        Driver(device, {3: Fault.REFUSED_84}).say(command(protocol, Wanted(False, False)))
    assert (device.lock, protocol.memory.commanded) == (1, None)


# Factory mode, where the switches need it.


def test_a_board_that_wants_factory_mode_gets_it_and_is_let_out_again() -> None:
    device, protocol = board(FactoryModeBoard), Jbd()
    driver = Driver(device)
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert driver.registers == ["a503", "a504", E1, "5a00", E1, "5a01", "a503", "a504"]
    assert (device.lock, device.in_factory_mode, protocol.memory.factory_mode) == (1, False, False)
    assert device.flash_writes == 0


def test_what_is_refused_even_in_factory_mode_is_told_and_factory_mode_left() -> None:
    device, protocol = board(), Jbd(None, SwitchMemory(commanded=CHARGING_OFF))
    driver = Driver(device, {2: Fault.REFUSED_81, 4: Fault.REFUSED_81})
    with pytest.raises(Refused) as caught:
        driver.say(command(protocol, Wanted(charging=False)))
    assert caught.value.reason is Refusal.NOT_ALLOWED
    assert (device.lock, device.in_factory_mode) == (0, False)
    assert protocol.memory == SwitchMemory(commanded=CHARGING_OFF)


def test_factory_mode_that_is_not_seen_to_be_left_is_remembered_and_left_later() -> None:
    device, protocol = board(FactoryModeBoard), Jbd()
    driver = Driver(device, {5: Fault.REQUEST_LOST})
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert (device.lock, device.in_factory_mode, protocol.memory.factory_mode) == (1, True, True)
    driver.plug_in()
    driver.say(protocol.recover())
    assert (device.in_factory_mode, protocol.memory.factory_mode) == (False, False)


# When things go wrong.


def test_an_acknowledgement_that_is_lost_is_made_up_for_by_looking() -> None:
    device, protocol = board(), Jbd()
    outcome = Driver(device, {E1_EXCHANGE: Fault.REPLY_LOST}).say(command(protocol, Wanted(charging=False)))
    assert outcome.obeyed
    assert (device.lock, protocol.memory.commanded) == (1, CHARGING_OFF)


@pytest.mark.parametrize("bit", [Bit.CELL_HIGH, Bit.SHORT_CIRCUIT, Bit.PACK_HIGH])
@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.REQUEST_LOST])
def test_a_protection_is_not_mistaken_for_a_command_that_may_not_have_arrived(bit: Bit, fault: Fault) -> None:
    device, protocol = protected(bit), Jbd(None, SwitchMemory(commanded=ON))
    with pytest.raises(NoReply):
        Driver(device, {E1_EXCHANGE: fault}).say(command(protocol, Wanted(charging=False)))
    assert protocol.memory.commanded is None


def test_a_request_that_is_lost_is_an_error_and_leaves_the_rest_in_doubt() -> None:
    device, protocol = board(), Jbd(None, SwitchMemory(commanded=ON))
    with pytest.raises(NoReply):
        Driver(device, {E1_EXCHANGE: Fault.REQUEST_LOST}).say(command(protocol, Wanted(charging=False)))
    assert (device.lock, protocol.memory.commanded) == (0, None)


@pytest.mark.parametrize(("fault", "lock"), [(Fault.UNPLUGGED_BEFORE, 0), (Fault.UNPLUGGED_AFTER, 1)])
def test_a_link_that_breaks_midway_leaves_the_pair_in_doubt(fault: Fault, lock: int) -> None:
    device, protocol = board(), Jbd(None, SwitchMemory(commanded=ON))
    driver = Driver(device, {E1_EXCHANGE: fault})
    with pytest.raises(LinkDown):
        driver.say(command(protocol, Wanted(charging=False)))
    assert (device.lock, protocol.memory.commanded) == (lock, None)
    driver.plug_in()
    assert driver.say(command(protocol, Wanted(charging=False, discharging=True))).obeyed


@pytest.mark.parametrize("fault", [Fault.REFUSED_81, Fault.REFUSED_82, Fault.REFUSED_83, Fault.REFUSED_84])
def test_a_refusal_changes_neither_the_board_nor_the_memory(fault: Fault) -> None:
    memory = SwitchMemory(commanded=CHARGING_OFF, mosfet_register=MOSFET_LOCK)
    device, protocol = board(lock=1), Jbd(None, memory)
    every = dict.fromkeys(range(E1_EXCHANGE, E1_EXCHANGE + 9), fault)
    with pytest.raises(Refused):
        Driver(device, every).say(command(protocol, Wanted(charging=True)))
    assert device.lock == 1
    assert replace(protocol.memory, factory_mode=False) == memory


def test_a_write_garbled_on_its_way_is_repeated() -> None:
    device, protocol = board(), Jbd()
    driver = Driver(device, {2: Fault.REFUSED_82, 3: Fault.REFUSED_82})
    assert driver.say(command(protocol, Wanted(charging=False))).obeyed
    assert (device.lock, driver.registers.count(E1)) == (1, 3)


def test_a_board_that_acknowledges_and_does_nothing_has_not_obeyed() -> None:
    device, protocol = board(obey=False), Jbd()
    outcome = Driver(device).say(command(protocol, Wanted(charging=False)))
    assert not outcome.obeyed
    assert outcome.reading.charging_enabled
    device.obey = True
    assert Driver(device).say(command(protocol, Wanted(discharging=False))).obeyed
    assert device.lock == 2


def test_a_lost_read_back_is_an_error_but_what_was_acknowledged_is_remembered() -> None:
    device, protocol = board(), Jbd()
    with pytest.raises(NoReply):
        Driver(device, {3: Fault.REQUEST_LOST}).say(command(protocol, Wanted(charging=False)))
    assert (device.lock, protocol.memory.commanded) == (1, CHARGING_OFF)


def test_the_commanded_pair_survives_a_restart() -> None:
    device, protocol = protected(Bit.CELL_HIGH), Jbd()
    Driver(device).say(command(protocol, Wanted(discharging=False)))
    again = Jbd(None, protocol.memory)
    assert Driver(device).say(command(again, Wanted(discharging=True))).obeyed
    assert device.lock == 0
