"""Frames are found in any stream, whatever the pieces and whatever lies between them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.protocols import jbd_module
from custom_components.battmon.protocols.checksums import complement16, sum8
from custom_components.battmon.protocols.framing import Framing
from custom_components.battmon.protocols.jbd import read
from custom_components.battmon.protocols.jbd_frames import FRAMING
from simulators.bluetooth.login import login_frame
from simulators.jbd_frames import reply_frame

from .vectors import VECTORS, load

FRAMES = sorted(
    {b"".join(pieces) for vector in VECTORS if vector.protocol == "jbd" for pieces in vector.answers.values()}
    | {bytes.fromhex(row["frame"]) for row in load("jbd", "frames")["frames"]}
)
WITH_CONTENT = [frame for frame in FRAMES if frame[3]]
ERRORS = [frame for frame in FRAMES if frame[2]]
LOGIN = jbd_module.FRAMING
FRAMINGS = {
    "jbd": FRAMING,
    "jbd_module": LOGIN,
    "three": Framing(start=b"aab", length_at=3, overhead=5, valid=lambda frame: frame[-1] == ord("c")),
}
LOGIN_FRAMES = [
    bytes.fromhex(frame)
    for frame in (
        "ffaa15010016", "ffaa15010218", "ffaa1701243c", "ffaa1701c9e1", "ffaa18010019", "ffaa1801011a",
        "ffaa1d01001e", "ffaa15063030303030303b", "ffaa180645bb752a642445", "ffaa1701e7ff",
    )
]  # fmt: skip

registers = st.sampled_from([0x03, 0x04, 0x05, 0x2D, 0xAA])
good_frames = st.builds(reply_frame, registers, st.binary(max_size=60))
# A start byte, two bytes and a length that reaches into what follows, or anything.
false_starts = st.builds(
    lambda two, length, rest: b"\xdd" + two + bytes((length,)) + rest,
    st.binary(min_size=2, max_size=2),
    st.integers(1, 255),
    st.binary(max_size=8),
)
noise = st.lists(st.one_of(false_starts, st.binary(max_size=12), st.just(b"\xdd")), max_size=6).map(b"".join)


login_frames = st.builds(login_frame, st.sampled_from([0x15, 0x17, 0x18, 0x1D]), st.binary(max_size=15))
# Few letters, so that starts, parts of starts and frames come about often.
letters = {
    "jbd": b"\xdd\x03\x00\x01\xff\xfe\x77",
    "jbd_module": b"\xff\xaa\x00\x01\x02\x03",
    "three": b"aabc\x00\x01\x02",
}
pieces_of_streams = st.lists(st.integers(0), max_size=30)

every_framing = pytest.mark.parametrize("key", FRAMINGS)


def streams(key: str) -> st.SearchStrategy[bytes]:
    """Return streams of what looks like frames of a framing, and of frames."""
    noise_like = st.lists(st.sampled_from(list(letters[key])), max_size=40).map(bytes)
    return st.lists(st.one_of(noise_like, noise, good_frames, login_frames), max_size=6).map(b"".join)


def byte_by_byte(stream: bytes, framing: Framing) -> list[bytes]:
    """Cut in the plainest way: whenever a byte ends a frame, that is one, and the next begins behind it."""
    frames, seen = [], b""
    for byte in stream:
        seen += bytes((byte,))
        for start in range(len(seen)):
            frame = seen[start:]
            if (
                frame.startswith(framing.start)
                and len(frame) >= framing.overhead
                and len(frame) == framing.overhead + frame[framing.length_at]
                and framing.valid(frame)
            ):
                frames.append(frame)
                seen = b""
                break
    return frames


def cut(*pieces: bytes, framing: Framing = FRAMING) -> list[bytes]:
    cutter = framing.cutter()
    return [frame for piece in pieces for frame in cutter.feed(piece)]


def in_pieces(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize("row", load("jbd", "frames")["frames"], ids=lambda row: row["means"])
def test_a_recorded_frame_is_cut_and_says_what_it_says(row: dict[str, str]) -> None:
    (frame,) = cut(bytes.fromhex(row["frame"]))
    assert (frame[1], frame[2], frame[4:-3].hex()) == (row["register"], row["status"], row["content"])


@pytest.mark.parametrize("frame", FRAMES, ids=bytes.hex)
def test_another_last_byte_makes_it_no_frame(frame: bytes) -> None:
    assert not [last for last in range(256) if last != 0x77 and cut(frame[:-1] + bytes((last,)))]


@pytest.mark.parametrize("frame", WITH_CONTENT, ids=bytes.hex)
def test_one_flipped_bit_never_answers_the_request(frame: bytes) -> None:
    # The checksum does not cover the register: a flip there is a frame, but of another register.
    answers = read(frame[1]).matches
    for position in range(len(frame) * 8):
        flipped = bytearray(frame)
        flipped[position // 8] ^= 1 << position % 8
        assert not [found for found in cut(bytes(flipped)) if answers(found)], position


@pytest.mark.parametrize("frame", FRAMES, ids=bytes.hex)
def test_a_truncated_frame_waits_for_its_rest(frame: bytes) -> None:
    for length in range(len(frame)):
        cutter = FRAMING.cutter()
        assert cutter.feed(frame[:length]) == []
        assert cutter.feed(frame[length:]) == [frame]


@pytest.mark.parametrize("frame", FRAMES, ids=bytes.hex)
@pytest.mark.parametrize(("before", "after"), [(b"\0", b""), (b"", bytes(16)), (b"\0", bytes(3))])
def test_zeros_around_a_frame_are_passed_over(frame: bytes, before: bytes, after: bytes) -> None:
    assert cut(before + frame + after) == [frame]


@pytest.mark.parametrize("frame", FRAMES, ids=bytes.hex)
def test_two_frames_in_one_piece_are_both_found(frame: bytes) -> None:
    other = bytes.fromhex("dde10000000077")
    assert cut(frame + other) == [frame, other]
    assert cut(other + frame) == [other, frame]


def test_the_end_byte_inside_a_payload_ends_nothing() -> None:
    frame = reply_frame(0x04, bytes.fromhex("0d770d7777770d66"))
    assert cut(frame) == [frame]
    assert cut(*(bytes((byte,)) for byte in frame)) == [frame]


def test_the_start_byte_inside_a_payload_starts_nothing() -> None:
    frame = reply_frame(0x04, bytes.fromhex("dd040002dddd0ddd"))
    assert cut(*(bytes((byte,)) for byte in frame)) == [frame]


@pytest.mark.parametrize("frame", ERRORS, ids=bytes.hex)
def test_an_error_reply_counts_even_with_a_wrong_checksum(frame: bytes) -> None:
    wrong = frame[:-3] + b"\x12\x34\x77"
    assert cut(wrong) == [wrong]


def test_a_wrong_checksum_makes_an_acknowledgement_nothing() -> None:
    assert cut(bytes.fromhex("dde10000000177")) == []


def test_a_reply_with_an_unknown_status_needs_its_checksum() -> None:
    frame = reply_frame(0x03, status=0x84)
    assert cut(frame) == [frame]
    assert cut(frame[:-3] + b"\0\0\x77") == []


def test_a_false_start_does_not_hold_up_the_frame_behind_it() -> None:
    frame = FRAMES[0]
    cutter = FRAMING.cutter()
    assert cutter.feed(bytes.fromhex("dd0300f0")) == []
    assert cutter.feed(frame) == [frame]


@every_framing
@given(st.data(), pieces_of_streams)
def test_the_pieces_of_a_stream_do_not_matter(key: str, data: st.DataObject, places: list[int]) -> None:
    framing, stream = FRAMINGS[key], data.draw(streams(key))
    frames = byte_by_byte(stream, framing)
    assert cut(stream, framing=framing) == frames
    assert cut(*in_pieces(stream, places), framing=framing) == frames


@pytest.mark.parametrize("frame", LOGIN_FRAMES, ids=bytes.hex)
@pytest.mark.parametrize("before", ["", "00", "ff", "ffff", "aa", "ffaa", "ffaa15", "ffaaffaa", "ddffaa17ff"])
def test_a_start_of_two_bytes_may_come_in_two_pieces(frame: bytes, before: str) -> None:
    stream = bytes.fromhex(before) + frame
    for place in range(len(stream)):
        assert cut(stream[:place], stream[place:], framing=LOGIN) == [frame]


@pytest.mark.parametrize("before", [b"", b"a", b"aa", b"aaa", b"aab", b"ba", b"aba"])
@pytest.mark.parametrize("frame", [b"aab\0c", b"aab\1ac", b"aab\4aab\0c"])
def test_a_start_that_repeats_itself_may_come_in_two_pieces(before: bytes, frame: bytes) -> None:
    """The last of these frames ends with another one, which is then only its payload."""
    stream = before + frame
    for place in range(len(stream)):
        assert cut(stream[:place], stream[place:], framing=FRAMINGS["three"]) == [frame]


def test_half_a_start_at_the_end_of_a_frame_belongs_to_that_frame() -> None:
    frame = bytes.fromhex("ffaa1701e7ff")
    cutter = LOGIN.cutter()
    assert cutter.feed(frame) == [frame]
    assert cutter.feed(bytes.fromhex("aa17000017")) == []
    assert cutter.feed(frame) == [frame]


@pytest.mark.parametrize("frame", LOGIN_FRAMES, ids=bytes.hex)
def test_one_flipped_bit_in_a_login_is_never_an_answer(frame: bytes) -> None:
    answers = jbd_module.request(frame[2], timeout=1.5).matches
    for position in range(len(frame) * 8):
        flipped = bytearray(frame)
        flipped[position // 8] ^= 1 << position % 8
        assert not [found for found in cut(bytes(flipped), framing=LOGIN) if answers(found)], position


@given(noise, good_frames, st.lists(st.integers(0), max_size=10))
def test_no_noise_withholds_the_frame_behind_it(junk: bytes, frame: bytes, places: list[int]) -> None:
    assert cut(*in_pieces(junk + frame, places))[-1:] == [frame]


@given(st.lists(good_frames, max_size=5), st.lists(noise, min_size=6, max_size=6))
def test_every_frame_between_noise_is_found_in_order(frames: list[bytes], junk: list[bytes]) -> None:
    stream = b"".join(
        part for pair in zip(junk, [*frames, *[b""] * (6 - len(frames))], strict=True) for part in pair
    )
    assert [frame for frame in cut(stream) if frame in frames] == frames


@every_framing
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=400),
            st.builds(
                bytes.__mul__, st.sampled_from([b"\xdd", b"\xff\xaa", b"\xff", b"aa"]), st.integers(0, 900)
            ),
        ),
        max_size=8,
    )
)
def test_any_bytes_yield_valid_frames_or_nothing_and_little_is_kept(key: str, pieces: list[bytes]) -> None:
    framing = FRAMINGS[key]
    cutter = framing.cutter()
    for piece in pieces:
        for frame in cutter.feed(piece):
            assert framing.valid(frame)
            assert len(frame) == framing.overhead + frame[framing.length_at]
        assert len(cutter._buffer) < framing.overhead + 255


@given(st.binary(max_size=60))
def test_the_checksum_makes_the_sum_zero(data: bytes) -> None:
    assert (sum(data) + complement16(data)) & 0xFFFF == 0


@given(st.binary(max_size=60))
def test_a_sum_in_8_bits_is_what_is_left_of_the_whole_sum(data: bytes) -> None:
    assert sum8(data) == sum(data) % 256
