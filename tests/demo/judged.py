"""A simulated battery as BattMon judges it, on a clock of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from custom_components.battmon.model import monitor
from custom_components.battmon.model.changes import Transition
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.failsafe.presets import suggested
from custom_components.battmon.model.failsafe.settings import FailsafeSettings
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.state import BatteryState
from custom_components.battmon.protocols.jbd import Jbd
from simulators.jbd_board import DEAD_BAND
from simulators.presets import Rig

from ..protocols.driver import Driver

BEGUN = datetime(2026, 11, 21, tzinfo=UTC)


class Moment(NamedTuple):
    """What a sample made of a battery."""

    time: float
    state: BatteryState
    transitions: tuple[Transition, ...]


def judged(rig: Rig, chemistry: Chemistry, seconds: float, interval: float = 2.0) -> Iterator[Moment]:
    """Sample a battery for some time, sooner where something is suspected, with the dialog's presets."""
    settings = monitor.Settings(
        unhealthy_after=max(5.0, 3 * interval),
        failsafe=FailsafeSettings(
            thresholds=suggested(chemistry, len(rig.battery.cells)), chemistry=chemistry
        ),
        battery=BatterySettings(chemistry=chemistry, device_dead_band=DEAD_BAND),
    )
    wire, protocol = Driver(rig.device), Jbd()
    state, time = BatteryState(started_at=Instant(0.0, BEGUN)), 0.0
    while time <= seconds:
        wire.now = time
        rig.device.tick(time)
        now = Instant(time, BEGUN + timedelta(seconds=time))
        state, transitions = monitor.step(state, wire.say(protocol.poll()), now, settings)
        yield Moment(time, state, transitions)
        suspicion = state.failsafe.read_within
        # What is to be read at once takes its time on a wire.
        time += interval if suspicion is None else min(interval, max(suspicion, 0.2))
