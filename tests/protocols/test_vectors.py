"""Every recording of every protocol is understood to the last digit."""

from dataclasses import fields
from typing import Any

import pytest

from custom_components.battmon.model.as_json import as_json
from custom_components.battmon.model.errors import NoReply
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.conversation import (
    BusTransfer,
    Clock,
    Conversation,
    Exchange,
    Request,
    carry_out,
)
from custom_components.battmon.protocols.protocol import Protocol
from custom_components.battmon.transports.i2c_device import _bytes_to_read, _checked

from .bus_driver import ADDRESS
from .kinds import build
from .vectors import FOLDER, VECTORS, Vector

TARGETS: dict[str, type[Reading | Identity]] = {"reading": Reading, "identity": Identity}


def replay[T](conversation: Conversation[T], answers: dict[bytes, list[bytes]], address: int) -> T:
    """Carry out a conversation with recorded answers; what was not recorded is not answered."""
    return carry_out(conversation, lambda request: answer_to(request, answers, address))


def answer_to(request: Request, answers: dict[bytes, list[bytes]], address: int) -> bytes:
    if isinstance(request, Exchange):
        frames = frames_of(request, answers.get(request.request, []))
        if not frames:
            raise NoReply
        return frames[0]
    if isinstance(request, BusTransfer):
        if request.write not in answers:
            raise NoReply
        # Who reads further than there is something reads ones.
        size = _bytes_to_read(request)
        return _checked(address, request, (b"".join(answers[request.write]) + b"\xff" * size)[:size])
    return Clock.reply(0.0) if isinstance(request, Clock) else b""


def frames_of(exchange: Exchange, pieces: list[bytes]) -> list[bytes]:
    cutter = exchange.framing.cutter()
    return [frame for piece in pieces for frame in cutter.feed(piece) if exchange.matches(frame)]


def said_by(protocol: Protocol, vector: Vector) -> dict[str, Any]:
    address = vector.content.get("settings", {}).get("address", ADDRESS)

    def say[T](conversation: Conversation[T]) -> T:
        return replay(conversation, vector.answers, address)

    said: dict[str, Any] = {
        "reading": as_json(say(protocol.poll())),
        "identity": as_json(say(protocol.identify())),
    }
    if "counts" in vector.content:
        said["counts"] = say(protocol.poll_counts())
    return said


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_recording_is_understood(vector: Vector) -> None:
    expected = {
        name: vector.content[name] for name in ("reading", "identity", "counts") if name in vector.content
    }
    protocol = build(vector.protocol, **vector.content.get("settings", {}))
    assert said_by(protocol, vector) == expected


@pytest.mark.parametrize("vector", VECTORS, ids=str)
@pytest.mark.parametrize(("part", "kind"), TARGETS.items(), ids=TARGETS)
def test_a_recording_states_every_field_in_order(
    vector: Vector, part: str, kind: type[Reading | Identity]
) -> None:
    assert list(vector.content[part]) == [field.name for field in fields(kind)]


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_recording_says_where_it_is_from(vector: Vector) -> None:
    assert vector.content["source"]
    assert vector.content["device"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_has_recordings(protocol: str) -> None:
    assert [vector for vector in VECTORS if vector.protocol == protocol]


def test_every_folder_of_recordings_belongs_to_a_protocol() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == set(PROTOCOLS)
