"""What a virtual battery costs: its members put together anew, against one fold of one battery.

All members have a new sample each time, which is the worst case; spread alarms are watched. A battery in
series and one in parallel are measured, and the dearer one counts.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from time import thread_time

from custom_components.battmon.judgement_options import battery_settings, failsafe_settings
from custom_components.battmon.model import monitor
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Member, Quality
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

from .figure import best_of
from .judged import judged
from .step import CELLS, START, readings

FEW, MANY = 9, 100
SAMPLES = 60
"""Of each member, in a turn."""
INTERVAL = 2.0
"""Seconds between samples."""
SKEW = 0.01
"""Seconds between members' samples."""
SETTINGS = monitor.Settings(
    unhealthy_after=6.0,
    cells=CELLS,
    failsafe=failsafe_settings(judged(CELLS)),
    battery=battery_settings(judged(CELLS), dead_band=0.2),
)

type Round = tuple[Mapping[str, Member], float]
"""The members, and the second at which they are put together."""


def _samples(number: int) -> list[tuple[Reading, Instant]]:
    offset = number * SKEW
    return [
        (reading, Instant(seconds, START.utc + timedelta(seconds=seconds)))
        for seconds, reading in (
            (offset + INTERVAL * place, one) for place, one in enumerate(readings(SAMPLES, number))
        )
    ]


def _states(samples: list[tuple[Reading, Instant]]) -> Iterator[BatteryState]:
    state = BatteryState()
    for reading, now in samples:
        state = monitor.step(state, reading, now, SETTINGS).state
        yield state


def _rounds(count: int) -> list[Round]:
    """Return what a virtual battery of `count` members sees, sample after sample."""
    each = zip(*(_states(_samples(number)) for number in range(count)), strict=True)
    return [
        (
            {
                str(number): Member(str(number), f"Battery {number}", state)
                for number, state in enumerate(states)
            },
            INTERVAL * place + count * SKEW,
        )
        for place, states in enumerate(each)
    ]


def _step_seconds(samples: list[tuple[Reading, Instant]], repeated: int) -> float:
    """Return the processor time of a fold, in s."""
    start = thread_time()
    for _ in range(repeated):
        for _state in _states(samples):
            pass
    return (thread_time() - start) / repeated / SAMPLES


def _recombining_seconds(rounds: list[Round], settings: PackSettings, repeated: int) -> float:
    """Return the processor time of a combination, in s."""
    start = thread_time()
    for _ in range(repeated):
        keeping = Keeping()
        for members, now in rounds:
            keeping, reading = combined(keeping, members, settings, now)
            assert reading.quality is Quality.OK
    return (thread_time() - start) / repeated / SAMPLES


def _settings(count: int) -> list[PackSettings]:
    members = tuple(Source(key=str(number)) for number in range(count))
    return [
        PackSettings(arrangement=arrangement, members=members)
        for arrangement in (Arrangement.SERIES, Arrangement.PARALLEL)
    ]


def recombine() -> float:
    """Return how many folds of one battery a combination of nine costs."""
    samples, rounds = _samples(0), _rounds(FEW)
    sides = [partial(_recombining_seconds, rounds, settings, 5) for settings in _settings(FEW)]
    step, series, parallel = best_of([partial(_step_seconds, samples, 20), *sides])
    print(
        f"  {step * 1e6:.1f} us a fold; {series * 1e6:.0f} us in series, {parallel * 1e6:.0f} us in parallel"
    )
    return max(series, parallel) / step


def recombine_100() -> float:
    """Return how many times what nine members cost a hundred cost."""
    few, many = _rounds(FEW), _rounds(MANY)
    sides = [
        partial(_recombining_seconds, rounds, settings, repeated)
        for rounds, count, repeated in ((few, FEW, 10), (many, MANY, 1))
        for settings in _settings(count)
    ]
    series, parallel, series_of_many, parallel_of_many = best_of(sides)
    print(f"  {series_of_many * 1e6:.0f} us in series, {parallel_of_many * 1e6:.0f} us in parallel")
    return max(series_of_many / series, parallel_of_many / parallel)
