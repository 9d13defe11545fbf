"""One fold with everything on, against one of aiobmsble's updates with an instant client.

Ours: `monitor.step` of a 16-cell battery under a steady load with noise, its chemistry known and every
threshold set: plausibility, cells, counting, resistance, state of charge, limits, time left, failsafe,
readiness.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from time import thread_time

from custom_components.battmon.judgement_options import battery_settings, failsafe_settings
from custom_components.battmon.model import monitor
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Place, Reading, Temperature
from custom_components.battmon.model.state import BatteryState
from simulators.presets import steady_16s

from .decode import POLLS, replies, seconds_for, their_poll
from .figure import best_of
from .judged import judged

CELLS = 16
START = Instant(0.0, datetime(2026, 1, 1, tzinfo=UTC))


def readings(count: int, seed: int = 1) -> Iterator[Reading]:
    """Yield samples of a steady load with noise."""
    random = Random(seed)
    for _ in range(count):
        cells = tuple(3.29 + random.gauss(0.0, 0.001) for _ in range(CELLS))
        yield Reading(
            voltage=sum(cells),
            current=-30.0 + random.gauss(0.0, 0.1),
            state_of_charge=50.0,
            remaining_capacity=50.0,
            full_capacity=100.0,
            design_capacity=100.0,
            cycle_count=7,
            cell_voltages=cells,
            temperatures=(Temperature(22.0, Place.CELL),) * 4,
            balancing_cells=(),
            charging_enabled=True,
            discharging_enabled=True,
            alarms=frozenset(),
        )


def _our_seconds(samples: list[tuple[Reading, Instant]], settings: monitor.Settings) -> float:
    state = BatteryState()
    start = thread_time()
    for reading, now in samples:
        state = monitor.step(state, reading, now, settings).state
    return thread_time() - start


def step() -> float:
    """Return how many times longer our step takes than their update."""
    samples = [
        (reading, Instant(2.0 * number, START.utc + timedelta(seconds=2 * number)))
        for number, reading in enumerate(readings(POLLS))
    ]
    options = judged(CELLS)
    settings = monitor.Settings(
        unhealthy_after=6.0,
        cells=CELLS,
        failsafe=failsafe_settings(options),
        battery=battery_settings(options, dead_band=0.2),
    )
    with asyncio.Runner(debug=False) as runner:
        theirs_polled = partial(seconds_for, runner, their_poll(replies(steady_16s())))
        theirs, ours = best_of([theirs_polled, partial(_our_seconds, samples, settings)])
    print(f"  ours: {ours / POLLS * 1e6:.1f} us a step; theirs: {theirs / POLLS * 1e6:.1f} us an update")
    return ours / theirs
