"""What crosses the socket between a room and scanners elsewhere: one JSON object a line.

Requests have an `id` that their answer repeats. A link's number is chosen by whoever asks for it.

| from the scanner | answer |
|---|---|
| do: connect, link, address | services, mtu |
| do: read, link, handle | data |
| do: write, link, handle, data, response | - |
| do: listen or unlisten, link, handle | - |
| do: disconnect, link | - (also gives up connecting) |

An answer may be `error` (text) with `code` (of the attribute protocol, or null). From the room come, unasked:
`heard` (an advertisement), `notified` (a link) with `handle` and `data`, and `lost` (a link). Bytes are hex.
"""

import json
from dataclasses import asdict
from typing import Any

from .air import Heard
from .gatt import AttError, Characteristic, LinkError, Service

type Message = dict[str, Any]


def line(message: Message) -> bytes:
    """Return a message as it crosses the socket."""
    return json.dumps(message, default=bytes.hex).encode() + b"\n"


def message(received: bytes) -> Message:
    """Return what a line says."""
    said: Message = json.loads(received)
    return said


def packed(content: Heard | Service) -> Message:
    """Return something as JSON can hold it."""
    return asdict(content)


def heard(said: Message) -> Heard:
    """Return an advertisement."""
    return Heard(
        said["address"],
        said["signal"],
        bytes.fromhex(said["packet"]),
        bytes.fromhex(said["scan_response"]),
    )


def services(said: list[Message]) -> tuple[Service, ...]:
    """Return a GATT table."""
    return tuple(
        Service(row["uuid"], row["handle"], tuple(map(_characteristic, row["characteristics"])))
        for row in said
    )


def _characteristic(said: Message) -> Characteristic:
    return Characteristic(
        said["uuid"], said["handle"], tuple(said["properties"]), bytes.fromhex(said["value"])
    )


def error(said: Message) -> AttError | LinkError | None:
    """Return the error in an answer."""
    if "error" not in said:
        return None
    return LinkError(said["error"]) if said["code"] is None else AttError(said["code"])


def failure(problem: AttError | LinkError) -> Message:
    """Say an error."""
    return {"error": str(problem), "code": getattr(problem, "code", None)}
