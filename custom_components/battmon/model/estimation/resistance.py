"""Internal resistance, learned from steps of the current.

Within one span between two samples the open-circuit voltage hardly moves, so what the voltage does there is
the resistance's. A steady load teaches nothing, and neither does a battery that runs down slowly.
"""

from datetime import datetime, timedelta
from math import log2
from typing import NamedTuple

from ..instant import Instant
from .counting import LARGEST_CURRENT, LARGEST_VOLTAGE
from .resistance_fit import Step, fit
from .sample import Sample

SMALLEST_STEP = 2.0
"""A."""
SMALLEST_RATE = 0.02
"""Of a step, in C."""
NOISES = 10.0
"""A step is at least that many standard deviations of the current."""
EXPIRES_AFTER = timedelta(days=7)
EXPIRES_BEYOND = 15.0
"""degC from where it was learned."""
LONGEST_SPACING = 60.0
"""s; within a longer span the open-circuit voltage moves as well."""
LEVEL_TIME = 5.0
"""s; as long before and after a step samples are averaged: beyond, they show a later resistance."""
MOST_AVERAGED = 8
HELD_SAMPLES = 2
"""Of both levels of a step; what stays for one sample only may be a glitch."""
MOST_STEPS = 24
"""Remembered at each spacing."""
MOST_SPACINGS = 4
SAME_SPACING = 1.25
"""Times the spacing: by as much it wanders."""


class Level(NamedTuple):
    """What voltage and current were lately, since a step or a gap."""

    samples: int
    """So many held it; counted to twice `MOST_AVERAGED`."""
    voltage: float
    """Mean of the last ones, in V."""
    current: float
    """Mean of the last ones, in A."""


class SpacedResistance(NamedTuple):
    """What is known at one spacing of the samples: resistance grows with the time that it is seen over."""

    octave: int
    """Binary logarithm of the spacing in s, rounded."""
    learned_at: datetime
    """UTC."""
    temperature: float | None
    """Mean while it was learned, in degC."""
    steps: tuple[Step, ...]
    resistance: float | None = None
    """In ohm; `None` while its standard deviation is too large."""


class ResistanceLearning(NamedTuple):
    """What must be remembered to go on learning."""

    spacing: float | None = None
    """Seconds between samples now."""
    level: Level | None = None
    before: Level | None = None
    """The level before a step that is not learned from yet."""
    step_spacing: float = 0.0
    """Seconds between the samples before and after that step."""
    known: tuple[SpacedResistance, ...] = ()
    """The one that was learned last comes last."""


def learn(learning: ResistanceLearning, sample: Sample, capacity: float | None) -> ResistanceLearning:
    """Learn from a sample, whether charging or discharging. `capacity` is the full one in Ah."""
    previous, reading, span, _, temperature, noise = sample
    voltage, current = reading.voltage, reading.current
    if (
        voltage is None
        or current is None
        # NaN and infinity are inside no bounds.
        or not 0.0 < voltage < LARGEST_VOLTAGE
        or not -LARGEST_CURRENT < current < LARGEST_CURRENT
    ):
        return _interrupted(learning, None)
    seconds, level = span.seconds, learning.level
    last = None if previous is None else previous.current
    if level is None or last is None or seconds is None or not 0.0 < seconds <= LONGEST_SPACING:
        return _interrupted(learning, Level(1, voltage, current))
    jump = current - last
    # Most samples are of a steady load and need not know how small a step may be.
    stepped = not -SMALLEST_STEP < jump < SMALLEST_STEP and abs(jump) >= _smallest(capacity, noise)
    spacing, _, before, step_spacing, known = learning
    if before is not None and level.samples >= (HELD_SAMPLES if stepped else _averaged(step_spacing)):
        step = _step(before, level, step_spacing)
        # Small steps that followed may have taken it back.
        if abs(step.current) >= _smallest(capacity, noise):
            known = _remembered(known, step, step_spacing, span.now, noise, temperature)
        before = None
    if spacing is None or not spacing < SAME_SPACING * seconds < SAME_SPACING**2 * spacing:
        spacing = seconds
    if stepped:
        held = level if level.samples >= HELD_SAMPLES else None
        return ResistanceLearning(spacing, Level(1, voltage, current), held, seconds, known)
    return ResistanceLearning(
        spacing, _prolonged(level, voltage, current, seconds), before, step_spacing, known
    )


def internal_resistance(
    learning: ResistanceLearning, now: Instant, temperature: float | None
) -> float | None:
    """Return the resistance, in ohm, at the spacing known that is nearest to the present one."""
    spacing, _, _, _, known = learning
    if not known:
        return None
    valid = [one for one in known if one.resistance is not None and not _is_expired(one, now, temperature)]
    if len(valid) > 1 and spacing is not None:
        octave = log2(spacing)
        valid.sort(key=lambda one: -abs(one.octave - octave))
    return valid[-1].resistance if valid else None


def _smallest(capacity: float | None, noise: float) -> float:
    return max(SMALLEST_STEP, SMALLEST_RATE * (capacity or 0.0), NOISES * noise)


def _interrupted(learning: ResistanceLearning, level: Level | None) -> ResistanceLearning:
    if level is None is learning.level:
        return learning
    return ResistanceLearning(learning.spacing, level, known=learning.known)


def _averaged(spacing: float) -> int:
    """Return how many samples of a level are averaged."""
    return max(1, min(MOST_AVERAGED, int(LEVEL_TIME / spacing)))


def _prolonged(level: Level, voltage: float, current: float, seconds: float) -> Level:
    """Return the level with one sample more: the mean of the first ones, later a moving one of as many."""
    samples, mean_voltage, mean_current = level
    if samples < 2 * MOST_AVERAGED:
        samples += 1
    share = seconds / LEVEL_TIME
    share = max(share, 1 / MOST_AVERAGED)
    if samples * share < 1.0:
        share = 1.0 / samples
    elif share > 1.0:
        share = 1.0
    return Level(
        samples,
        mean_voltage + share * (voltage - mean_voltage),
        mean_current + share * (current - mean_current),
    )


def _step(before: Level, after: Level, spacing: float) -> Step:
    # A moving mean with a gain of 1 / n is as good as the mean of 2 n - 1.
    averaged = _averaged(spacing)
    variance = 1 / min(before.samples, 2 * averaged - 1) + 1 / min(after.samples, averaged)
    # Rounded because it is remembered: below a microohm in the smallest step.
    return Step(
        round(after.current - before.current, 5),
        round(after.voltage - before.voltage, 6),
        round(1 / variance, 3),
    )


def _remembered(
    known: tuple[SpacedResistance, ...],
    step: Step,
    spacing: float,
    now: Instant,
    noise: float,
    temperature: float | None,
) -> tuple[SpacedResistance, ...]:
    octave = round(log2(spacing))
    others = tuple(one for one in known if one.octave != octave)[-(MOST_SPACINGS - 1) :]
    steps: tuple[Step, ...] = (step,)
    for one in known:
        if one.octave == octave and not _is_expired(one, now, temperature):
            steps = (*one.steps[1 - MOST_STEPS :], step)
            temperature = _mean_temperature(one.temperature, temperature, len(steps))
    return (*others, SpacedResistance(octave, now.utc, temperature, steps, fit(steps, noise)))


def _mean_temperature(mean: float | None, temperature: float | None, count: int) -> float | None:
    if mean is None or temperature is None:
        return mean if temperature is None else temperature
    return mean + (temperature - mean) / count


def _is_expired(known: SpacedResistance, now: Instant, temperature: float | None) -> bool:
    # A clock that was set back makes what it learned before as old as what it has forgotten.
    if abs(now.utc - known.learned_at) > EXPIRES_AFTER:
        return True
    learned_at = known.temperature
    return (
        temperature is not None and learned_at is not None and abs(temperature - learned_at) > EXPIRES_BEYOND
    )
