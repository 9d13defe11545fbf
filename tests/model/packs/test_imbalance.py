"""How far cells are apart, inside members and between them (rules 5, imbalance)."""

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.packs.settings import Arrangement

from .merged_builders import MERGED, PARALLEL, SERIES, Watched, watched

INSIDE, DRIFT = Alarm.CELL_IMBALANCE, Alarm.CELL_DRIFT
REST, LOAD = -5.0, -30.0
"""A, of 100 Ah."""
type Cells = tuple[float | None, ...]


def four(mean: float, apart: float = 0.0) -> Cells:
    """Return four cells around a mean."""
    return mean - apart / 2, mean, mean, mean + apart / 2


def see(pack: Watched, start: float, end: float, *cells: Cells | None, current: float | None = REST) -> None:
    """Sample all members at once, every 10 s."""
    seconds = start
    while seconds <= end:
        for name, each in zip([member.name for member in pack.members.values()], cells, strict=True):
            pack.take(seconds, name, cell_voltages=each, current=current)
        pack.combine(seconds)
        seconds += 10


@pytest.mark.parametrize("arrangement", [SERIES, PARALLEL])
def test_cells_far_apart_are_told_after_a_minute_whatever_flows(arrangement: Arrangement) -> None:
    pack = watched(arrangement, "A", "B")
    see(pack, 0, 50, four(3.3, 0.21), four(3.3), current=LOAD)
    assert pack.blamed(INSIDE) is None
    see(pack, 60, 60, four(3.3, 0.21), four(3.3), current=LOAD)
    assert pack.blamed(INSIDE) == ("A",)
    assert pack.blamed(DRIFT) is None


def test_cells_of_two_members_count_together() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 60, four(3.2, 0.12), four(3.32, 0.12), current=LOAD)
    assert pack.blamed(INSIDE) == ("A", "B")
    assert pack.blamed(DRIFT) is None


def test_mean_cells_that_drift_apart_are_told_too() -> None:
    pack = watched(SERIES, "A", "B", "C")
    see(pack, 0, 60, four(3.0), four(3.22), four(3.23), current=LOAD)
    assert pack.blamed(DRIFT) == ("A",)
    assert pack.reading.spreads.cell_drift == pytest.approx(0.23)


def test_at_rest_little_tells_after_five_minutes() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 290, four(3.3, 0.06), four(3.3))
    assert pack.blamed(INSIDE) is None
    see(pack, 300, 300, four(3.3, 0.06), four(3.3))
    assert pack.blamed(INSIDE) == ("A",)


def test_at_rest_mean_cells_tell_after_five_minutes() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 300, four(3.25), four(3.31))
    assert pack.blamed(DRIFT) == ("A", "B")


def test_a_small_load_is_rest_enough() -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 300, four(3.3, 0.06), four(3.3), current=9.9)
    assert pack.blamed(INSIDE) == ("A",)


@pytest.mark.parametrize("current", [LOAD, 10.1, -10.1, None])
def test_under_load_it_tells_nothing(current: float | None) -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 600, four(3.3, 0.06), four(3.3), current=current)
    assert pack.blamed(INSIDE) is None


def test_without_a_capacity_nobody_knows_what_rest_is() -> None:
    pack = watched(SERIES, "A", "B")
    pack.usual = {"capacity": None}
    see(pack, 0, 600, four(3.3, 0.06), four(3.3), current=0.0)
    assert pack.blamed(INSIDE) is None


@pytest.mark.parametrize(
    ("mean", "apart", "told"),
    [
        (3.42, 0.1, False),
        (3.42, 0.16, True),
        (3.03, 0.1, False),
        (3.03, 0.16, True),
        (3.39, 0.1, True),
        (3.06, 0.1, True),
    ],
)
def test_near_full_and_near_empty_more_is_usual(mean: float, apart: float, told: bool) -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 300, four(mean, apart), four(mean))
    assert (pack.blamed(INSIDE) is not None) is told


def test_where_the_curve_is_steep_depends_on_the_chemistry() -> None:
    pack = watched(SERIES, "A", "B", chemistry=Chemistry.LI_ION)
    see(pack, 0, 300, four(3.7, 0.1), four(3.7))
    assert pack.blamed(INSIDE) == ("A",)


def test_an_imbalance_is_over_well_inside_its_limit() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 300, four(3.3, 0.06), four(3.3))
    see(pack, 310, 320, four(3.3, 0.04), four(3.3))
    assert pack.blamed(INSIDE) == ("A",)
    see(pack, 330, 330, four(3.3, 0.034), four(3.3))
    assert pack.blamed(INSIDE) is None


def test_what_was_seen_at_rest_stays_under_load() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 300, four(3.3, 0.06), four(3.3))
    see(pack, 310, 600, four(3.3, 0.01), four(3.3), current=LOAD)
    assert pack.blamed(INSIDE) == ("A",)


def test_a_rest_that_was_broken_off_begins_anew() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 200, four(3.3, 0.06), four(3.3))
    see(pack, 210, 400, four(3.3, 0.06), four(3.3), current=LOAD)
    see(pack, 410, 700, four(3.3, 0.06), four(3.3))
    assert pack.blamed(INSIDE) is None
    see(pack, 710, 710, four(3.3, 0.06), four(3.3))
    assert pack.blamed(INSIDE) == ("A",)


def test_a_person_s_own_limit_counts_alone() -> None:
    pack = watched(SERIES, "A", "B", cell_imbalance=0.3)
    see(pack, 0, 600, four(3.3, 0.28), four(3.3))
    assert pack.blamed(INSIDE) is None
    see(pack, 610, 670, four(3.3, 0.31), four(3.3))
    assert pack.blamed(INSIDE) == ("A",)


def test_a_limit_of_zero_is_off() -> None:
    pack = watched(SERIES, "A", "B", cell_imbalance=0.0)
    see(pack, 0, 600, four(3.0, 0.5), four(3.4))
    assert pack.reading.alarms == frozenset()


def test_members_without_cells_are_not_judged() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 600, None, None)
    assert pack.reading.alarms == frozenset()
    see(pack, 610, 670, four(3.3, 0.21), None, current=LOAD)
    assert pack.blamed(INSIDE) == ("A",)


def staggered(pack: Watched, start: int, end: int, a: Cells, b: Cells) -> None:
    """Sample members one after the other, under a load that never stands still."""
    for seconds in range(start, end, 5):
        name, cells = (("A", a), ("B", b))[seconds // 5 % 2]
        pack.sample(seconds, name, cell_voltages=cells, current=-30.0 - 2 * (seconds % 17))


def test_cells_inside_a_member_are_compared_whenever_it_was_read() -> None:
    pack = watched(PARALLEL, "A", "B")
    staggered(pack, 0, 90, four(3.3, 0.21), four(3.3))
    assert pack.reading.spreads.cell_drift is None
    assert pack.blamed(INSIDE) == ("A",)


def test_cells_of_members_read_at_different_times_are_not() -> None:
    pack = watched(PARALLEL, "A", "B")
    staggered(pack, 0, 300, four(3.1), four(3.4))
    assert pack.reading.alarms == frozenset()


def test_what_cannot_be_compared_now_does_not_clear() -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 60, four(3.1), four(3.4), current=LOAD)
    assert pack.blamed(INSIDE) == ("A", "B")
    staggered(pack, 65, 300, four(3.3), four(3.3))
    assert pack.blamed(INSIDE) == ("A", "B")


def test_two_devices_that_see_the_same_cells_are_not_compared() -> None:
    pack = watched(MERGED, "A", "B")
    see(pack, 0, 60, four(3.3), four(3.6, 0.3), current=LOAD)
    assert pack.reading.alarms == frozenset()
    see(pack, 70, 130, four(3.3, 0.21), four(3.6), current=LOAD)
    assert pack.blamed(INSIDE) == ("A",)
