"""State of charge by counting, with how far to trust it; capacity and health (rules 3).

Counting goes on beside a device that has a state of charge of its own, for the time when that one is missing.
"""

from ..cell import cell_figures
from ..chemistry import FACTS, Chemistry, ChemistryFacts
from ..instant import Instant
from ..reading import Reading
from .anchors import (
    EMPTY_UNCERTAINTY,
    FULL_UNCERTAINTY,
    IDLE,
    Timers,
    has_rested,
    is_empty,
    is_full,
    is_on_plateau,
    rest_estimate,
    watch,
)
from .capacity import is_capacity, learn
from .charge_counting import ChargeCounting, Origin, StateOfCharge, credible, go_on
from .sample import Sample
from .settings import BatterySettings

__all__ = [
    "ChargeCounting",
    "Origin",
    "StateOfCharge",
    "counted_state_of_charge",
    "days_since_full",
    "follow",
    "full_capacity",
    "remaining_capacity",
    "reset",
    "set_state_of_charge",
    "state_of_charge",
    "state_of_health",
]

BY_HAND_UNCERTAINTY = 1.0
"""Points, of what a person says."""
DEVICE_UNCERTAINTY = 10.0
"""Points, of a device's own state of charge that counting begins with: most of them drift."""
STALE = 20.0
"""Points of uncertainty beyond which counting begins again with the device's own."""
VAGUEST = 25.0
"""Points of uncertainty beyond which a voltage at rest tells no state of charge."""
LARGEST_CORRECTION = 10.0
"""Points by which the voltage at rest moves the state of charge at a time."""
DAY = 86400.0


def follow(
    charge: ChargeCounting, sample: Sample, settings: BatterySettings, resting_voltage: float | None
) -> ChargeCounting:
    """Count one span and look for what shows the state of charge. The resting voltage in V, of the pack."""
    previous, reading, span, cells, temperature, noise = sample
    seconds = span.seconds
    if seconds is not None and seconds <= 0.0:
        return charge
    if reading.full_capacity != charge.device_capacity and is_capacity(reading.full_capacity):
        charge = charge._replace(device_capacity=reading.full_capacity)
    chemistry = settings.chemistry
    facts = None if chemistry is None else FACTS[chemistry]
    capacity = settings.capacity or charge.learned_capacity or charge.device_capacity
    current = credible(reading.current, capacity)
    mean = cells.mean
    if mean is None:
        mean = _by_pack(reading, resting_voltage, settings)
    before = None if previous is None else credible(previous.current, capacity)
    if current is None or facts is None or mean is None:
        timers = IDLE
    else:
        lowest, highest = cells.lowest, cells.highest
        spread = (lowest.voltage if lowest else mean, mean, highest.voltage if highest else mean)
        timers = watch(charge.timers, spread, before, current, reading, noise, facts, capacity, seconds)
    if capacity is None or settings.current_is_unsigned:
        return _uncounted(charge, timers, mean, facts, previous, settings)
    old = charge.timers
    if charge.counted is None:
        charge = _begun(charge, timers, previous, reading, settings, mean, facts)
    else:
        charge = go_on(charge, before, current, span, capacity, settings.device_dead_band, facts, timers)
        if charge.uncertainty > STALE:
            charge = _by_device(charge, reading, settings)
    if timers is IDLE or chemistry is None or mean is None or current is None:
        return charge
    if is_full(old, timers, current, noise):
        charge = charge._replace(last_full_at=span.now.utc)
        return _at_end(charge, 100.0, FULL_UNCERTAINTY, capacity, temperature)
    return _anchored(charge, previous, capacity, chemistry, settings, mean, temperature)


def state_of_charge(
    charge: ChargeCounting, reading: Reading, settings: BatterySettings
) -> StateOfCharge | None:
    """Return the device's own, else what was counted, else what the voltage at rest says."""
    own = _device_state_of_charge(reading, settings)
    if own is not None:
        return StateOfCharge(own, Origin.DEVICE, None)
    return counted_state_of_charge(charge) or charge.by_voltage


def counted_state_of_charge(charge: ChargeCounting) -> StateOfCharge | None:
    """Return what was counted, whatever the device says."""
    if charge.counted is None:
        return None
    return StateOfCharge(charge.counted, Origin.COUNTED, charge.uncertainty)


def full_capacity(charge: ChargeCounting, reading: Reading, settings: BatterySettings) -> float | None:
    """Return the charge when full, in Ah: what the person says, else learned, else the device's."""
    own = reading.full_capacity if is_capacity(reading.full_capacity) else charge.device_capacity
    return settings.capacity or charge.learned_capacity or own


def remaining_capacity(charge: ChargeCounting, reading: Reading, settings: BatterySettings) -> float | None:
    """Return the charge left, in Ah: the device's own unless it is not trusted."""
    own = reading.remaining_capacity
    if not settings.ignore_device_state_of_charge and own is not None and own >= 0.0:
        return own
    present = state_of_charge(charge, reading, settings)
    full = full_capacity(charge, reading, settings)
    return None if present is None or full is None else full * present.value / 100


def state_of_health(charge: ChargeCounting, reading: Reading, settings: BatterySettings) -> float | None:
    """Return the device's own, else the learned share of the capacity as designed, in %."""
    own = reading.state_of_health
    if own is not None and 0.0 < own <= 100.0:
        return own
    design = reading.design_capacity if is_capacity(reading.design_capacity) else settings.capacity
    if not charge.learned_capacity or not design:
        return None
    return min(100.0, 100 * charge.learned_capacity / design)


def days_since_full(charge: ChargeCounting, now: Instant) -> float | None:
    """Return for how many days the battery has not been full; 0 where the clock was set back."""
    if charge.last_full_at is None:
        return None
    return max(0.0, (now.utc - charge.last_full_at).total_seconds() / DAY)


def set_state_of_charge(charge: ChargeCounting, percent: float) -> ChargeCounting:
    """Count on from what a person says, in %."""
    value = min(max(percent, 0.0), 100.0)
    return charge._replace(counted=value, uncertainty=BY_HAND_UNCERTAINTY, swing=None, by_voltage=None)


def reset(charge: ChargeCounting) -> ChargeCounting:
    """Forget what was counted and begin anew; what was learned of the battery stays."""
    return ChargeCounting(
        device_capacity=charge.device_capacity,
        learned_capacity=charge.learned_capacity,
        last_full_at=charge.last_full_at,
    )


def _by_pack(reading: Reading, resting_voltage: float | None, settings: BatterySettings) -> float | None:
    """Return the mean cell's voltage of a battery whose cells are not read."""
    voltage = reading.voltage if resting_voltage is None else resting_voltage
    return None if voltage is None or not settings.cells else voltage / settings.cells


def _device_state_of_charge(reading: Reading, settings: BatterySettings) -> float | None:
    own = reading.state_of_charge
    if own is None or settings.ignore_device_state_of_charge:
        return None
    # 127 and 255 mean "unknown" to devices that send a byte.
    return own if 0.0 <= own <= 100.0 else None


def _uncounted(
    charge: ChargeCounting,
    timers: Timers,
    mean: float | None,
    facts: ChemistryFacts | None,
    previous: Reading | None,
    settings: BatterySettings,
) -> ChargeCounting:
    by_voltage = _by_voltage(timers, mean, facts, previous, settings)
    if charge.counted is None and charge.by_voltage == by_voltage and charge.timers == timers:
        return charge
    return charge._replace(counted=None, swing=None, timers=timers, by_voltage=by_voltage)


def _is_steady(
    mean: float, previous: Reading | None, settings: BatterySettings, facts: ChemistryFacts
) -> bool:
    """Whether the sample before says the same voltage: one alone may be a spike, believed for hours."""
    reading = previous or Reading()
    before = cell_figures(reading.cell_voltages).mean or _by_pack(reading, None, settings)
    return before is not None and abs(mean - before) <= facts.rest_sigma


def _by_voltage(
    timers: Timers,
    mean: float | None,
    facts: ChemistryFacts | None,
    previous: Reading | None,
    settings: BatterySettings,
) -> StateOfCharge | None:
    if not timers.rest or mean is None or facts is None or not _is_steady(mean, previous, settings, facts):
        return None
    estimate = rest_estimate(mean, facts, settled=timers.rest >= facts.rest_time)
    if estimate is None or estimate.uncertainty > VAGUEST:
        return None
    return StateOfCharge(estimate.state_of_charge, Origin.VOLTAGE, estimate.uncertainty)


def _begun(
    charge: ChargeCounting,
    timers: Timers,
    previous: Reading | None,
    reading: Reading,
    settings: BatterySettings,
    mean: float | None,
    facts: ChemistryFacts | None,
) -> ChargeCounting:
    if timers is not charge.timers or charge.by_voltage is not None:
        charge = charge._replace(timers=timers, by_voltage=None)
    begun = _by_device(charge, reading, settings)
    by_voltage = _by_voltage(timers, mean, facts, previous, settings)
    if begun is not charge or by_voltage is None or by_voltage.uncertainty is None:
        return begun
    return charge._replace(counted=by_voltage.value, uncertainty=by_voltage.uncertainty)


def _by_device(charge: ChargeCounting, reading: Reading, settings: BatterySettings) -> ChargeCounting:
    own = _device_state_of_charge(reading, settings)
    return charge if own is None else charge._replace(counted=own, uncertainty=DEVICE_UNCERTAINTY)


def _anchored(
    charge: ChargeCounting,
    previous: Reading | None,
    capacity: float,
    chemistry: Chemistry,
    settings: BatterySettings,
    mean: float,
    temperature: float | None,
) -> ChargeCounting:
    if is_empty(charge.timers):
        return _at_end(charge, 0.0, EMPTY_UNCERTAINTY, capacity, temperature)
    facts = FACTS[chemistry]
    if has_rested(charge.timers, facts) and _is_steady(mean, previous, settings, facts):
        return _rested(charge, capacity, chemistry, mean, temperature)
    return charge


def _at_end(
    charge: ChargeCounting, value: float, uncertainty: float, capacity: float, temperature: float | None
) -> ChargeCounting:
    charge = _learned(charge, capacity, value, uncertainty, temperature, at_end=True)
    return charge._replace(counted=value, uncertainty=uncertainty)


def _rested(
    charge: ChargeCounting, capacity: float, chemistry: Chemistry, mean: float, temperature: float | None
) -> ChargeCounting:
    """Correct by the voltage, and not again before the battery has rested for as long once more."""
    facts = FACTS[chemistry]
    rest = (charge.timers.rest or 0.0) % facts.rest_time
    charge = charge._replace(timers=charge.timers._replace(rest=rest))
    estimate = rest_estimate(mean, facts, settled=True)
    if estimate is None or is_on_plateau(mean, chemistry, facts):
        return charge
    value, uncertainty = estimate.state_of_charge, estimate.uncertainty
    charge = _learned(charge, capacity, value, uncertainty, temperature, at_end=False)
    if charge.counted is None or uncertainty >= charge.uncertainty:
        return charge
    return _corrected(charge, charge.counted, value, uncertainty)


def _learned(
    charge: ChargeCounting,
    capacity: float,
    value: float,
    uncertainty: float,
    temperature: float | None,
    *,
    at_end: bool,
) -> ChargeCounting:
    swing, learned = learn(
        charge.swing,
        charge.learned_capacity,
        capacity,
        state_of_charge=value,
        uncertainty=uncertainty,
        temperature=temperature,
        at_end=at_end,
    )
    return charge._replace(swing=swing, learned_capacity=learned)


def _corrected(charge: ChargeCounting, counted: float, value: float, uncertainty: float) -> ChargeCounting:
    """Move towards what the voltage says, by its weight; what is left to go stays uncertain.

    A second look at the voltage is no better than the first: the curve is wrong by the same amount again.
    """
    weight = charge.uncertainty**2 / (charge.uncertainty**2 + uncertainty**2)
    wanted = weight * (value - counted)
    step = min(max(wanted, -LARGEST_CORRECTION), LARGEST_CORRECTION)
    left = min(100.0, uncertainty + abs(wanted - step))
    return charge._replace(counted=counted + step, uncertainty=left)
