"""What is known of batteries that are to be switched, and which of them have to do with each other."""

from dataclasses import replace

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.errors import CommandBlocked
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.packs.joining import FRESH, Joining
from custom_components.battmon.model.packs.standing import Standing
from custom_components.battmon.model.switching import Wanted
from custom_components.battmon.sources import guarding_of, roster_of
from custom_components.battmon.sources.guarding import Guarding
from custom_components.battmon.sources.standings import Standings
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant

from .members import Fake, join, joined, key_of, ready

OFF = {"charging_enabled": False, "discharging_enabled": False, "current": 0.0}
JOIN = Wanted(charging=True, discharging=True)


@pytest.fixture
async def guarding(hass: HomeAssistant) -> Guarding:
    """What guards the switches of a house without batteries."""
    await ready(hass)
    return guarding_of(hass)


def known(fake: Fake, resistance: float | None = 0.01, limit: float = 50.0) -> None:
    """Let a resistance and limits be known of a battery."""
    limits = Limits(charge_current=limit, discharge_current=2 * limit)
    estimate = fake.state.estimate._replace(internal_resistance=resistance, limits=limits)
    fake.state = replace(fake.state, estimate=estimate)
    fake._tell(1.0)


def standings(hass: HomeAssistant, fake: Fake | None = None, later: float = 0.0) -> Standings:
    """Return how batteries stand now, or so many seconds after a sample."""
    now = hass.loop.time()
    if fake is not None:
        assert fake.state.sampled_at is not None
        now = fake.state.sampled_at.monotonic + later
    return Standings(roster_of(hass), guarding_of(hass).kinship, now)


async def test_all_that_matters_is_known_of_a_battery_that_was_heard(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    fake = Fake(hass, "A")
    fake.says(charging_enabled=False)
    known(fake)
    assert standings(hass).standing(fake.key, FRESH) == Standing(
        fake.key,
        "A",
        charging=False,
        discharging=True,
        voltage=13.2,
        current=-10.0,
        resistance=0.01,
        capacity=100.0,
        state_of_charge=60.0,
        charge_limit=50.0,
        discharge_limit=100.0,
        cells=4,
    )


@pytest.mark.parametrize("resistance", [0.0, -0.01, None])
async def test_a_resistance_that_cannot_be_is_none(
    hass: HomeAssistant, guarding: Guarding, resistance: float | None
) -> None:
    fake = Fake(hass, "A")
    fake.says()
    known(fake, resistance)
    assert standings(hass).standing(fake.key).resistance is None


async def test_nothing_is_known_of_a_battery_that_was_not_heard(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    fakes = [Fake(hass, name) for name in ("Old", "Lost", "Released", "Never")]
    old, lost, released, never = fakes
    for fake in (old, lost, released):
        fake.says()
    lost.is_lost()
    released.is_released()
    for fake in (lost, released, never):
        assert standings(hass).standing(fake.key) == Standing(fake.key, fake.entry.title)
    assert standings(hass, old, 4.9).standing(old.key, FRESH).voltage == 13.2
    assert standings(hass, old, 5.1).standing(old.key, FRESH) == Standing(old.key, "Old")
    assert standings(hass, old, 5.1).standing(old.key).voltage == 13.2
    assert standings(hass).standing("gone") == Standing("gone", "gone")


async def test_cells_and_chemistry_are_what_the_person_says(hass: HomeAssistant, guarding: Guarding) -> None:
    fake = Fake(hass, "A")
    fake.says(cell_voltages=None)
    assert standings(hass).standing(fake.key).cells is None
    assert standings(hass).standing(fake.key, chemistry=Chemistry.LTO).chemistry is Chemistry.LTO
    hass.config_entries.async_update_entry(fake.entry, options={"cells": 16.0, "chemistry": "lipo"})
    told = standings(hass).standing(fake.key, chemistry=Chemistry.LTO)
    assert (told.cells, told.chemistry) == (16, Chemistry.LIPO)


async def test_a_string_that_is_off_may_be_asked_for_what_its_members_may(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one, two = Fake(hass, "A"), Fake(hass, "B")
    for fake, limit in ((one, 50.0), (two, 20.0)):
        fake.says(**OFF)
        known(fake, limit=limit)
    string = await join(hass, "series", one, two, charge_current_cap=15.0)
    told = standings(hass).standing(key_of(string), FRESH)
    assert (told.voltage, told.is_off, told.cells) == (26.4, True, 8)
    assert (told.charge_limit, told.discharge_limit) == (15.0, 40.0)
    two.state = replace(two.state, estimate=two.state.estimate._replace(limits=Limits()))
    two._tell(1.0)
    told = standings(hass).standing(key_of(string), FRESH)
    assert (told.charge_limit, told.discharge_limit) == (None, None)


async def test_a_virtual_battery_is_as_old_as_its_oldest_sample(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one, two = Fake(hass, "A"), Fake(hass, "B")
    one.says()
    two.says(age=3.0)
    string = await join(hass, "series", one, two)
    assert standings(hass, two, 4.5).age(key_of(string)) == pytest.approx(4.5)
    assert standings(hass, two, 5.1).standing(key_of(string), FRESH) == Standing(key_of(string), "House")


async def test_a_source_that_a_merged_battery_does_not_use_does_not_make_it_old(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one, two = Fake(hass, "A"), Fake(hass, "B")
    one.says()
    merged = await join(hass, "merged", one, two)
    assert standings(hass).standing(key_of(merged), FRESH).voltage == 13.2
    assert standings(hass).age(two.key) == float("inf")


async def test_a_shunt_beside_a_bank_tells_its_current(hass: HomeAssistant, guarding: Guarding) -> None:
    one, shunt, heater = Fake(hass, "A"), Fake(hass, "Shunt"), Fake(hass, "Heater")
    one.says()
    shunt.says(current=-33.0)
    heater.says(current=-44.0)
    bank = joined(hass, "parallel", one.key, primary={shunt.key: [], heater.key: ["temperatures"]})
    whole = guarding.kinship.whole(key_of(bank))
    assert whole is not None
    assert standings(hass).bank(whole).measured == (-33.0,)


# Who has to do with whom.


async def test_batteries_that_are_joined_in_any_way_are_switched_one_after_the_other(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one, two = joined(hass, "series", "a", "b", title="One"), joined(hass, "series", "c", "d", title="Two")
    joined(hass, "parallel", key_of(one), key_of(two), title="Bank")
    joined(hass, "merged", "d", "e", title="Both")
    joined(hass, "series", "x", "y", title="Other")
    assert {guarding.lock(key) for key in ("a", "c", "e", key_of(two))} == {guarding.lock("b")}
    assert guarding.lock("x") is not guarding.lock("a")
    assert guarding.lock("alone") is not guarding.lock("a")


async def test_options_that_name_a_circle_or_a_member_twice_lead_nowhere(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one = joined(hass, "series", "KEYTwo", "a", "a", title="One", rated_for_string=True)
    two = joined(hass, "parallel", "KEYOne", "b", title="Two")
    kinship = guarding.kinship
    assert kinship.leaves(key_of(one)) == ["b", "a"]
    assert kinship.above("a") == ["a", key_of(one), key_of(two)]
    assert kinship.on_bus([key_of(two)]) == [key_of(one), "b"]
    whole = kinship.whole(key_of(one))
    assert whole is not None
    assert whole.members == ("KEYTwo", "a")
    assert standings(hass).standing(key_of(one)) == Standing(key_of(one), "One")
    with pytest.raises(CommandBlocked, match="string current unknown"):
        await guarding.approve("a", Wanted(discharging=False), force=False)
    assert await guarding.approve("a", Wanted(discharging=False), force=True) == ()


async def test_a_virtual_battery_that_is_disabled_is_none(hass: HomeAssistant, guarding: Guarding) -> None:
    bank = joined(hass, "series", "a")
    assert guarding.kinship.forbidden_by("a") == "House"
    await hass.config_entries.async_set_disabled_by(bank.entry_id, ConfigEntryDisabler.USER)
    assert guarding.kinship.forbidden_by("a") is None
    assert guarding.kinship.wholes_of("a") == []


# The numbers of rules 6, as they come from what is known of batteries.


async def test_the_current_between_two_sides_follows_from_their_resistances(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    """13.85 V against 13.2 V + 10 A x 10 mOhm at rest: 0.55 V / 23 mOhm is 23.9 A, of 25 A."""
    one, bus = Fake(hass, "A"), Fake(hass, "B")
    one.says(voltage=13.85, **OFF)
    bus.says()
    for fake in (one, bus):
        known(fake)
    joined(hass, "parallel", one.key, bus.key, title="Bank")
    assert await guarding.approve(one.key, JOIN, force=False) == (Joining("Bank", 25.0, 25.0),)
    one.says(voltage=13.88, **OFF)
    known(one)
    for force in (False, True):
        with pytest.raises(CommandBlocked) as blocked:
            await guarding.approve(one.key, JOIN, force=force)
        assert blocked.value.placeholders == {
            "pack": "Bank",
            "member": "A",
            "difference": "+0.58",
            "current": "25.2",
            "limit": "25.0",
        }


async def test_a_side_that_was_read_too_long_ago_is_not_joined(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    one, bus = Fake(hass, "A"), Fake(hass, "B")
    one.says(**OFF)
    bus.says(age=5.1)
    for fake in (one, bus):
        known(fake)
    joined(hass, "parallel", one.key, bus.key, title="Bank")
    with pytest.raises(CommandBlocked, match="bus unread: Bank: B"):
        await guarding.approve(one.key, JOIN, force=False)


async def test_a_command_that_says_nothing_of_mosfets_is_not_guarded(
    hass: HomeAssistant, guarding: Guarding
) -> None:
    joined(hass, "series", "a")
    assert await guarding.approve("a", Wanted(balancing=True), force=False) == ()
