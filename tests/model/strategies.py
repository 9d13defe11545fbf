"""Readings, identities and memories of every kind, for properties."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.identity import Fingerprint
from custom_components.battmon.model.memory import BatteryMemory
from custom_components.battmon.model.profile import Profile
from custom_components.battmon.model.reading import Identity, Place, Reading, Temperature
from custom_components.battmon.model.switching import Mosfets, SwitchMemory

numbers = st.none() | st.floats(-1e6, 1e6)
counts = st.none() | st.integers(0, 0xFFFF)
flags = st.none() | st.booleans()
texts = st.none() | st.text(max_size=12)
cells = st.none() | st.lists(st.none() | st.floats(0, 5), max_size=32).map(tuple)
temperatures = st.lists(
    st.builds(Temperature, st.none() | st.floats(-40, 120), st.sampled_from(Place)), max_size=6
)
alarms = st.frozensets(st.sampled_from(Alarm))

readings = st.builds(
    Reading,
    voltage=numbers,
    current=numbers,
    state_of_charge=st.none() | st.floats(0, 100),
    full_capacity=numbers,
    cycle_count=counts,
    cell_voltages=cells,
    temperatures=st.none() | temperatures.map(tuple),
    balancing_cells=st.none() | st.lists(st.integers(1, 32), max_size=4).map(tuple),
    balancing_enabled=flags,
    charging_enabled=flags,
    discharging_enabled=flags,
    alarms=st.none() | alarms,
    protection_counts=st.none() | st.dictionaries(st.sampled_from(["restarts", *Alarm]), st.integers(0, 99)),
)
identities = st.builds(
    Identity,
    manufacturer=texts,
    model=texts,
    serial_number=texts,
    firmware=texts,
    hardware=texts,
    chemistry=texts,
    manufactured=st.none() | st.dates(date(2000, 1, 1)),
)
fingerprints = st.builds(Fingerprint, identity=identities, cells=counts, cycle_count=counts)
profiles = st.builds(
    Profile,
    quantities=st.frozensets(st.sampled_from(["voltage", "current", "alarms"])),
    cells=st.integers(0, 32),
    temperatures=st.lists(st.sampled_from(Place), max_size=5).map(tuple),
    counts=st.lists(st.sampled_from(["restarts", *Alarm]).map(str), max_size=4).map(tuple),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
switch_memories = st.builds(
    SwitchMemory,
    commanded=st.none() | st.builds(Mosfets, st.booleans(), st.booleans()),
    mosfet_register=st.none() | st.integers(0, 255),
    factory_mode=st.booleans(),
    balancing_writes=st.lists(moments, max_size=10).map(tuple),
)
memories = st.builds(
    BatteryMemory,
    fingerprint=st.none() | fingerprints,
    profile=profiles,
    switches=switch_memories,
)
