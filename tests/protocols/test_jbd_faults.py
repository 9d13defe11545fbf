"""Every fault at every exchange of every command: what the board and the memory are like afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from custom_components.battmon.model.errors import BattMonError, Refused
from custom_components.battmon.model.switching import Mosfets, SwitchMemory, Wanted, commanded_mosfets
from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.protocols.protocol import Outcome
from simulators.jbd import JbdDevice
from simulators.jbd_protection import Bit

from .boards import FactoryModeBoard, board, newest, protected
from .driver import UNPLUGGED, Driver, Fault, command

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PASSWORD = "123456"


@dataclass(frozen=True)
class Scene:
    """A command to a board in a situation."""

    name: str
    wanted: Wanted
    device: Callable[[], JbdDevice] = board
    memory: SwitchMemory = field(default_factory=SwitchMemory)


DISCHARGING_OFF = Mosfets(charging=True, discharging=False)
SCENES = (
    Scene("charging off", Wanted(charging=False)),
    Scene("discharging off", Wanted(discharging=False)),
    Scene("both off", Wanted(charging=False, discharging=False)),
    Scene("both on", Wanted(charging=True, discharging=True), lambda: board(lock=3)),
    Scene(
        "charging off beside a lock",
        Wanted(charging=False),
        lambda: board(lock=2),
        SwitchMemory(commanded=DISCHARGING_OFF),
    ),
    Scene("discharging off under a protection", Wanted(discharging=False), lambda: protected(Bit.CELL_HIGH)),
    Scene("charging off under a protection", Wanted(charging=False), lambda: protected(Bit.CELL_HIGH)),
    Scene("charging off, newest", Wanted(charging=False), newest),
    Scene("both off, newest", Wanted(charging=False, discharging=False), newest),
    Scene("charging off in factory mode", Wanted(charging=False), lambda: board(FactoryModeBoard)),
    Scene("balancing off", Wanted(balancing=False)),
    Scene("balancing as it is", Wanted(balancing=True)),
    Scene("everything off", Wanted(False, False, False)),
    Scene("everything off, locked", Wanted(False, False, False), lambda: locked("all")),
    Scene("balancing off, locked", Wanted(balancing=False), lambda: locked("factory")),
    Scene("balancing off, disobedient", Wanted(balancing=False), lambda: board(obey=False)),
    Scene("charging off, disobedient", Wanted(charging=False), lambda: board(obey=False)),
)


def locked(scope: str) -> JbdDevice:
    return board(password=PASSWORD, password_scope=scope)


class Trial:
    """One command, with a fault or without."""

    def __init__(self, scene: Scene, faults: dict[int, Fault] | None = None) -> None:
        self.wanted = scene.wanted
        self.device = scene.device()
        self.driver = Driver(self.device, faults)
        self.protocol = Jbd(PASSWORD, scene.memory)
        self.lock_before = self.device.lock
        self.registers_before = dict(self.device.registers)
        self.end = self.driver.attempt(command(self.protocol, scene.wanted, record_write=self._record_write))

    def _record_write(self) -> None:
        self.protocol.memory = self.protocol.memory.with_balancing_write(NOW)

    @property
    def commanded(self) -> Mosfets:
        """The pair that the board really is commanded to."""
        return Mosfets(charging=not self.device.lock & 1, discharging=not self.device.lock & 2)

    @property
    def exchanges(self) -> int:
        return len(self.driver.requests)


@contextmanager
def at(exchange: int) -> Iterator[None]:
    """Say with a failure where the fault was."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"fault at exchange {exchange}")
        raise


every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)


@every_scene
def test_without_a_fault_the_command_is_carried_out(scene: Scene) -> None:
    trial = Trial(scene)
    assert isinstance(trial.end, Outcome)
    assert trial.end.obeyed is (trial.device.obey or scene.wanted == Wanted(balancing=True))
    assert trial.protocol.memory.factory_mode is False


@every_scene
@pytest.mark.parametrize("fault", Fault)
def test_a_fault_at_any_exchange_is_survived(scene: Scene, fault: Fault) -> None:
    for exchange in range(Trial(scene).exchanges):
        trial = Trial(scene, {exchange: fault})
        with at(exchange):
            check_end(trial)
            check_board(trial)
            check_recovery(trial, fault)


def check_board(trial: Trial) -> None:
    """Nothing moved but what was commanded, and no flash was written twice or uncounted."""
    device, wanted = trial.device, trial.wanted
    untouched = (1 if wanted.charging is None else 0) | (2 if wanted.discharging is None else 0)
    assert device.lock & untouched == trial.lock_before & untouched
    assert device.flash_writes <= len(trial.protocol.memory.balancing_writes) <= 1
    changed = {name for name, word in device.registers.items() if word != trial.registers_before[name]}
    assert len(changed) <= device.flash_writes
    assert {device.registers[name] ^ trial.registers_before[name] for name in changed} <= {4}


def check_end(trial: Trial) -> None:
    """Who hears that it was obeyed can rely on it; who hears that it was refused, too."""
    device, wanted, end = trial.device, trial.wanted, trial.end
    assert isinstance(end, Outcome | BattMonError)
    assert trial.protocol.memory.factory_mode or not device.in_factory_mode
    state = Wanted(device.charge_fet, device.discharge_fet, device.balancing_enabled)
    as_wanted = all(want in (None, now) for want, now in zip(wanted, state, strict=True))
    if isinstance(end, Outcome):
        assert end.obeyed is as_wanted
    elif isinstance(end, Refused) and "5ae1" in trial.driver.registers[-1:]:
        assert device.lock == trial.lock_before


def check_recovery(trial: Trial, fault: Fault) -> None:
    """With the fault gone, recovery and a poll make everything that is shown true."""
    trial.driver.plug_in()
    if fault in UNPLUGGED:
        trial.protocol.forget_settings()
    trial.driver.say(trial.protocol.recover())
    assert not trial.device.in_factory_mode
    assert not trial.protocol.memory.factory_mode
    reading = trial.driver.say(trial.protocol.poll())
    assert reading.balancing_enabled in (None, trial.device.balancing_enabled)
    assert reading.charging_enabled is trial.device.charge_fet
    assert reading.discharging_enabled is trial.device.discharge_fet
    assert commanded_mosfets(reading, trial.protocol.memory.commanded) in (None, trial.commanded)
