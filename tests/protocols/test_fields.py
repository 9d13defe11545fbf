"""The row vocabulary."""

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.errors import BadFrame
from custom_components.battmon.protocols.fields import Field, Layout, Word


@pytest.mark.parametrize(
    ("row", "raw", "quantity"),
    [
        (Field("voltage", 0, "H", 100), 1312, 13.12),
        (Field("voltage", 0, "H", 1000), 0, 0.0),
        (Field("current", 0, "h", 100), -604, -6.04),
        (Field("temperature", 0, "H", 10, bias=-2731), 2631, -10.0),
        (Field("state_of_charge", 0, "B", absent=0xFF), 0xFF, None),
        (Field("state_of_charge", 0, "B", absent=0xFF), 0xFE, 254.0),
        (Field("state_of_charge", 0, "B"), 0xFF, 255.0),
        (Field("current", 0, "h", 10, bias=5, absent=-5), 0, 0.5),
        (Field("current", 0, "h", 10, bias=5, absent=-5), -5, None),
    ],
)
def test_a_field_is_its_raw_number_with_bias_over_divisor(
    row: Field, raw: int, quantity: float | None
) -> None:
    assert row.value(raw) == quantity


@given(st.integers(-0x8000, 0xFFFF), st.integers(0, 4))
def test_a_quantity_has_the_digits_of_the_device_and_no_more(raw: int, digits: int) -> None:
    value = Field("voltage", 0, "i", 10**digits).value(raw)
    assert Decimal(repr(value)) == Decimal(raw).scaleb(-digits)


def test_rows_stand_at_their_offsets_whatever_lies_between() -> None:
    layout = Layout(">", Word("last", 6, "B"), Field("voltage", 1, "H", 100), Word("signed", 4, "h"))
    payload = bytes.fromhex("aa 0520 bb fffe 07 cc")
    assert layout.size == 7
    assert [row.name for row in layout.rows] == ["voltage", "signed", "last"]
    assert layout.decode(payload) == ({"voltage": 13.12}, {"signed": -2, "last": 7})
    assert layout.decode(b"\0\0" + payload, 2) == layout.decode(payload)


def test_the_byte_order_is_the_layouts() -> None:
    row = Word("raw", 0, "H")
    assert Layout("<", row).decode(b"\1\2").words == {"raw": 0x0201}
    assert Layout(">", row).decode(b"\1\2").words == {"raw": 0x0102}


def test_bias_and_absence_count_in_a_layout_too() -> None:
    layout = Layout(
        ">",
        Field("temperature", 0, "H", 10, -2731),
        Field("charge", 2, "B", absent=0xFF),
        Field("cycles", 3, "B"),
    )
    assert layout.decode(b"\x0b\x9b\xff\x05").values == {"temperature": 24.0, "charge": None, "cycles": 5.0}


@pytest.mark.parametrize("length", range(7))
def test_a_payload_that_is_too_short_is_a_bad_frame(length: int) -> None:
    layout = Layout(">", Word("last", 6, "B"))
    with pytest.raises(BadFrame, match=f"{length} bytes where 7 are needed"):
        layout.decode(bytes(length))
    with pytest.raises(BadFrame, match=f"{length + 3} bytes where 10 are needed"):
        layout.decode(bytes(length + 3), 3)


def test_rows_that_overlap_are_a_mistake_that_shows_at_once() -> None:
    with pytest.raises(struct.error):
        Layout(">", Word("one", 0, "H"), Word("two", 1, "H"))
