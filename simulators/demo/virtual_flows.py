"""The dialogs that make one battery of several, and one of entities, walked through as the browser does."""

from collections.abc import Mapping, Sequence

from .client import Answer, Client, Patience
from .flows import accept, changed, choose, expect_step, filled_in, menu, open_options, send, send_option

_ALIKE = Patience(30.0, pause=1.0)
"""A load that changes lets two batteries that are one differ for a moment, as they are read one by one."""


async def join(client: Client, kind: str, name: str, members: Sequence[str]) -> str:
    """Join batteries, by name, in series, in parallel or merged; return the new one's config entry's id."""
    asked = await send(client, await menu(client), {"next_step_id": "virtual"})
    form = await choose(client, expect_step(asked, "menu", "virtual"), kind)
    answer: Answer = {}

    async def nothing_differs() -> bool:
        nonlocal answer, form
        fields = changed(form, {"name": name, "members": keys_of(form, "members", members)})
        answer = await send(client, form, fields)
        if answer.get("step_id") != "differences":
            return True
        # What is not accepted leads back to the members.
        form = expect_step(await send(client, answer, filled_in(answer)), "form", kind)
        return False

    await _ALIKE.until(f"nothing differs between {' and '.join(members)}", nothing_differs)
    expect_step(answer, "form", "virtual_battery")
    return await accept(client, await send(client, answer, filled_in(answer)))


async def add_entities(
    client: Client, name: str, entities: Mapping[str, str], time_out: float, *, chemistry: str, cells: int
) -> str:
    """Add a battery made of entities, by what each of them tells; return its config entry's id."""
    form = await choose(client, await menu(client), "entities")
    answer = await send(client, form, changed(form, {**entities, "time_out": time_out}))
    found = expect_step(answer, "form", "entities_found")
    known = {"name": name, "chemistry": chemistry, "cells": cells}
    return await accept(client, await send(client, found, changed(found, known)))


async def take_only(client: Client, entry_id: str, member: str, quantities: Sequence[str]) -> None:
    """Take from one device of a merged battery, by name, nothing but these quantities."""
    form = await open_options(client, entry_id, "sources")
    limited = {"quantities": keys_of(form, "quantities", [member])}
    form = expect_step(await send_option(client, form, changed(form, limited)), "form", "member_quantities")
    expect_step(
        await send_option(client, form, changed(form, {"quantities": list(quantities)})), "create_entry"
    )


async def rate_for_string(client: Client, entry_id: str) -> None:
    """State that the boards of a string bear its whole voltage: without that no member can be switched."""
    form = await open_options(client, entry_id, "pack")
    expect_step(await send_option(client, form, changed(form, {"rated_for_string": True})), "create_entry")


def keys_of(form: Answer, field: str, names: Sequence[str]) -> list[str]:
    """Return what a form sends for batteries that it offers under these names."""
    offered = next(row for row in form["data_schema"] if row["name"] == field)["selector"]["select"]
    keys = {option["label"]: option["value"] for option in offered["options"]}
    return [keys[name] for name in names]
