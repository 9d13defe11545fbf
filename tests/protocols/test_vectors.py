"""Every recording of every protocol is understood to the last digit."""

from dataclasses import fields
from typing import Any

import pytest

from custom_components.battmon.model.as_json import as_json
from custom_components.battmon.model.errors import NoReply
from custom_components.battmon.model.reading import Identity, Reading
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.conversation import Conversation, Exchange
from custom_components.battmon.protocols.protocol import Protocol

from .vectors import FOLDER, VECTORS, Vector

TARGETS: dict[str, type[Reading | Identity]] = {"reading": Reading, "identity": Identity}


def replay[T](conversation: Conversation[T], answers: dict[bytes, list[bytes]]) -> T:
    """Carry out a conversation with recorded answers; what was not recorded is not answered."""
    try:
        request = next(conversation)
        while True:
            assert isinstance(request, Exchange)
            frames = frames_of(request, answers.get(request.request, []))
            request = conversation.send(frames[0]) if frames else conversation.throw(NoReply())
    except StopIteration as stop:
        result: T = stop.value
        return result


def frames_of(exchange: Exchange, pieces: list[bytes]) -> list[bytes]:
    cutter = exchange.framing.cutter()
    return [frame for piece in pieces for frame in cutter.feed(piece) if exchange.matches(frame)]


def said_by(protocol: Protocol, vector: Vector) -> dict[str, Any]:
    answers = vector.answers
    said: dict[str, Any] = {
        "reading": as_json(replay(protocol.poll(), answers)),
        "identity": as_json(replay(protocol.identify(), answers)),
    }
    if "counts" in vector.content:
        said["counts"] = replay(protocol.poll_counts(), answers)
    return said


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_recording_is_understood(vector: Vector) -> None:
    expected = {
        name: vector.content[name] for name in ("reading", "identity", "counts") if name in vector.content
    }
    assert said_by(PROTOCOLS[vector.protocol](), vector) == expected


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
