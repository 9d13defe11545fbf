"""`script/bench`. The figures themselves take minutes and are not tests."""

import os
import re
import subprocess
import sys

import pytest

from .product import ROOT

pytestmark = pytest.mark.slow


def test_an_unknown_figure_is_a_wrong_name() -> None:
    command = [str(ROOT / "script" / "bench"), "nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "nonsense" in result.stderr
    assert "decode_4s" in result.stderr


def test_what_is_put_together_again_and_again_is_whole() -> None:
    command = [str(ROOT / "script" / "bench"), "recombine"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # How long it takes is no claim of a test.
    assert result.stderr == ""
    assert "recombine " in result.stdout


def said_of_a_turn(*arguments: str) -> dict[str, float]:
    """Return numbers by what follows them."""
    result = subprocess.run(
        [sys.executable, "-P", "-m", "figures.ble_side", *arguments],
        input="note\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'script'}:{ROOT}"},
    )
    return {what: float(number) for number, what in re.findall(r"([0-9.]+) ([a-z]+)", result.stdout)}


@pytest.mark.parametrize(
    ("side", "replies", "least", "most"),
    [
        ("theirs", "household", 21, 21),  # what ours is measured against leaves nothing out
        ("ours", "household", 1, 10),
        ("ours_at_once", "every_cell", 18, 25),  # sixteen cells, lowest and highest
    ],
)
def test_each_side_writes_what_it_says(side: str, replies: str, least: float, most: float) -> None:
    assert least <= said_of_a_turn(side, replies)["states"] <= most


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_what_changes_is_recorded_and_nothing_else(side: str) -> None:
    """Statistics are made every five minutes, six times in half an hour."""
    said = said_of_a_turn(side, "household", "recorded")
    assert said["recorded"] == pytest.approx(said["of"], abs=0.11)
    assert 5 <= said["times"] <= 7
