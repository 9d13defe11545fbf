"""Every protocol, whatever answers: a result or a `BattMonError`, and factory mode never forgotten."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    CommandBlocked,
    LinkDown,
    NoReply,
)
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import Mosfets, SwitchMemory, Wanted
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.conversation import Conversation, Exchange, Request, Wait, carry_out
from custom_components.battmon.protocols.protocol import Outcome, Protocol
from simulators.bluetooth.login import START, login_frame
from simulators.jbd_frames import reply_frame

from .kinds import SPOKEN
from .vectors import VECTORS

every_protocol = pytest.mark.parametrize("key", SPOKEN)

type Frames = Callable[[Exchange, int, bytes], bytes]
"""How a protocol's device answers a request with a status and a content, whatever they are."""


def jbd_frame(exchange: Exchange, status: int, content: bytes) -> bytes:
    if exchange.request.startswith(START):  # its radio module answers
        return login_frame(exchange.request[2], content[:1] if status else bytes((len(content) % 3,)))
    return reply_frame(exchange.request[2], content, status)


FRAMES: dict[str, Frames] = {"jbd": jbd_frame}
LEAVE = {"jbd": bytes.fromhex("dd5a01020000fffd77")}
ENTER = {"jbd": bytes.fromhex("dd5a00025678ff3077")}
HARMLESS_WRITES = {
    "jbd": (
        rb"\xdd\x5a\x00\x02\x56\x78",
        rb"\xdd\x5a\x01\x02\x00\x00",
        rb"\xdd\x5a\x06\x07\x06[\x00-\x09]{6}",
        rb"\xdd\x5a\x2d\x02..",
        rb"\xdd\x5a\xe1\x02\x00[\x00-\x03]",
        rb"\xdd\x5a\xfb\x02[\x00\x01][\x00\x01]",
    ),
}
WRITE_MARK = {"jbd": b"\xdd\x5a"}

errors = st.sampled_from([NoReply("fuzz"), LinkDown("fuzz"), BadFrame("fuzz")])
statuses = st.sampled_from([0, 0, 0, 0, 0x80, 0x81, 0x82, 0x83, 0x84])
# What was recorded, also cut short and set to ones, two bytes of bits, or anything.
recorded = sorted(
    {
        b"".join(pieces)[4:-3]
        for vector in VECTORS
        if vector.protocol in SPOKEN
        for pieces in vector.answers.values()
    },
    key=lambda c: (len(c), c),
)
contents = st.one_of(
    st.sampled_from([b"", b"\0\6", b"\0\2", *recorded, b"\xff" * 23, b"\xff" * 69, bytes(255)]),
    st.builds(lambda content, length: content[:length], st.sampled_from(recorded), st.integers(0, 33)),
    st.binary(max_size=40),
)
answers = st.lists(st.one_of(st.tuples(statuses, contents), errors), max_size=20)
switch = st.sampled_from([None, True, False])
wanted_switches = st.builds(Wanted, switch, switch, switch)
memories = st.builds(
    SwitchMemory,
    commanded=st.none() | st.builds(Mosfets, st.booleans(), st.booleans()),
    mosfet_register=st.none() | st.sampled_from([0xE1, 0xFB]) | st.integers(0, 2**40),
    factory_mode=st.booleans(),
)
passwords = st.none() | st.just("123456") | st.text(max_size=8)
addresses = st.none() | st.just("A4:C1:37:00:00:01") | st.text(max_size=20)


@dataclass
class Session:
    """A conversation with a device that answers anything, and what came of it."""

    key: str
    answers: Iterator[BattMonError | tuple[int, bytes]]
    in_factory_mode: bool
    """As far as anybody can know: entered perhaps, and not seen to be left."""
    entered: bool = False
    """Entering was acknowledged: a refusal to leave is not because the device is outside."""
    sent: list[bytes] = field(default_factory=list)

    def say[T](self, conversation: Conversation[T]) -> T | BattMonError:
        try:
            return carry_out(conversation, self._perform)
        except BattMonError as error:
            return error

    def _perform(self, request: Request) -> bytes:
        answer = next(self.answers, NoReply("the end"))
        if isinstance(request, Wait):
            if isinstance(answer, NoReply):
                raise answer
            return b""
        assert isinstance(request, Exchange)
        self.sent.append(request.request)
        if isinstance(answer, BattMonError):
            self._note(request.request, None)
            raise answer
        frame = FRAMES[self.key](request, *answer)
        if not request.matches(frame):
            self._note(request.request, None)
            raise NoReply("an answer to something else")
        self._note(request.request, frame[2])
        return frame

    def _note(self, request: bytes, status: int | None) -> None:
        if request == ENTER[self.key]:
            self.in_factory_mode |= status in (0, None)
            self.entered |= status == 0
        elif request == LEAVE[self.key] and (status == 0 or (status in (0x80, 0x81) and not self.entered)):
            self.in_factory_mode = self.entered = False


type Conversations = dict[str, Callable[[Protocol], Conversation[object]]]


def no_more_writes() -> None:
    raise CommandBlocked("balancing_too_often")


def never(reading: Reading) -> None:
    raise CommandBlocked("charging_under_load")


CONVERSATIONS: Conversations = {
    "open_link": lambda protocol: protocol.open_link(),
    "log_in": lambda protocol: protocol.log_in(),
    "identify": lambda protocol: protocol.identify(),
    "poll": lambda protocol: protocol.poll(),
    "poll_counts": lambda protocol: protocol.poll_counts(),
    "read_settings": lambda protocol: protocol.read_settings(),
}


@every_protocol
@pytest.mark.parametrize("name", CONVERSATIONS)
@given(answers, memories, passwords, addresses, passwords)
def test_reading_ends_in_a_result_or_an_error_of_ours(
    key: str,
    name: str,
    replies: list[BattMonError | tuple[int, bytes]],
    memory: SwitchMemory,
    password: str | None,
    address: str | None,
    bluetooth_password: str | None,
) -> None:
    protocol = PROTOCOLS[key](password, memory, address=address, bluetooth_password=bluetooth_password)
    session = Session(key, iter(replies), memory.factory_mode)
    session.say(CONVERSATIONS[name](protocol))
    assert protocol.memory.factory_mode >= session.in_factory_mode


@every_protocol
@given(answers, memories, passwords, wanted_switches, st.sampled_from([None, no_more_writes, never]))
def test_a_command_ends_in_an_outcome_or_an_error_of_ours(
    key: str,
    replies: list[BattMonError | tuple[int, bytes]],
    memory: SwitchMemory,
    password: str | None,
    wanted: Wanted,
    veto: Callable[..., None] | None,
) -> None:
    protocol = PROTOCOLS[key](password, memory)
    session = Session(key, iter(replies), memory.factory_mode)
    conversation = protocol.command(
        wanted,
        never if veto is never else lambda reading: None,
        no_more_writes if veto is no_more_writes else lambda: None,
    )
    assert isinstance(session.say(conversation), Outcome | BattMonError)
    assert protocol.memory.factory_mode >= session.in_factory_mode
    for request in session.sent:
        if request.startswith(WRITE_MARK[key]):
            assert any(re.match(allowed, request, re.DOTALL) for allowed in HARMLESS_WRITES[key]), (
                request.hex()
            )


@every_protocol
@given(answers, st.booleans(), passwords)
def test_recovery_ends_without_forgetting(
    key: str, replies: list[BattMonError | tuple[int, bytes]], inside: bool, password: str | None
) -> None:
    protocol = PROTOCOLS[key](password, SwitchMemory(factory_mode=inside))
    session = Session(key, iter(replies), inside)
    end = session.say(protocol.recover())
    if isinstance(end, BattMonError):
        assert protocol.memory.factory_mode
    assert bool(session.sent) is inside


@every_protocol
def test_every_protocol_can_be_fuzzed(key: str) -> None:
    assert key in FRAMES
    assert key in HARMLESS_WRITES
