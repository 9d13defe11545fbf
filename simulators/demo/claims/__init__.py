"""What `script/demo --check` claims: one small function a claim, its docstring the words."""

from collections.abc import Awaitable, Callable

from ..stage import Stage
from . import bluetooth, failsafe, joined, setup, shunted, switching, values

type Claim = Callable[[Stage], Awaitable[str | None]]
"""What it returns is a measurement, to be shown beside the claim."""

ALL: tuple[Claim, ...] = (
    setup.all_are_added,
    bluetooth.battery_is_discovered,
    setup.browser_is_signed_in,
    setup.dashboard_is_whole,
    setup.all_entities_have_states,
    failsafe.all_is_well_at_first,
    failsafe.drill_raises_a_level_and_takes_it_back,
    joined.members_are_whole,
    values.values_are_true_when_read_now,
    joined.bank_shows_the_truth,
    joined.cells_of_all_are_told,
    joined.diagnostics_tell_of_every_member,
    shunted.shunt_gives_the_current,
    switching.balancing_stops,
    switching.balancing_is_not_worn_out,
    setup.same_port_is_refused,
    setup.wrong_port_and_password_can_be_corrected,
    setup.diagnostics_hold_no_secret,
    setup.spare_can_be_removed,
    switching.switches_obey,
    switching.no_current_flows_through_open_fets,
    switching.set_switches_obeys,
    switching.refusal_is_an_error,
    joined.switches_in_a_bank_are_guarded,
    values.pulled_plug_is_noticed,
    values.other_battery_is_unaffected,
    values.plug_put_back_is_noticed,
    shunted.without_the_shunt_the_board_counts,
    setup.sampling_can_be_changed,
    bluetooth.discovered_battery_is_added,
    bluetooth.added_battery_is_whole,
    bluetooth.dashboard_shows_it,
    bluetooth.its_values_are_true,
    bluetooth.its_diagnostics_hold_no_address,
    bluetooth.its_sampling_can_be_changed,
    bluetooth.switch_obeys_over_bluetooth,
    bluetooth.released_battery_is_free,
    bluetooth.taken_back_it_shows_what_is_true,
    bluetooth.cut_link_is_made_again,
    bluetooth.battery_out_of_range_is_noticed,
    bluetooth.battery_in_range_again_is_noticed,
    bluetooth.removed_battery_is_discovered_again,
    joined.pulled_member_is_named,
    joined.nothing_shrinks,
    joined.missing_member_is_a_reason,
    joined.member_put_back_is_noticed,
    shunted.lost_shunt_is_named,
    shunted.shunt_that_speaks_again_counts,
    failsafe.battery_runs_down_through_low_into_critical,
    switching.balancing_starts_again,
    failsafe.samples_tell_what_happened,
    failsafe.battery_recovers_on_charge,
    failsafe.totals_are_true,
    failsafe.reset_judges_afresh,
    values.values_move_and_were_true,
)
"""In the order they are tried: balancing, which may be written once a minute, comes early and late. So does
the failsafe: in between, the workshop's battery runs down by itself."""
