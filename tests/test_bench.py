"""`script/bench`. The figures themselves take minutes and are not tests."""

import os
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


def states_per_sample(side: str, replies: str) -> float:
    result = subprocess.run(
        [sys.executable, "-P", "-m", "figures.ble_side", side, replies],
        input="note\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'script'}:{ROOT}"},
    )
    return float(result.stdout.split()[0])


@pytest.mark.parametrize(
    ("side", "replies", "least", "most"),
    [
        ("theirs", "household", 21, 21),  # what ours is measured against leaves nothing out
        ("ours", "household", 1, 10),
        ("ours_at_once", "every_cell", 18, 25),  # sixteen cells, lowest and highest
    ],
)
def test_each_side_writes_what_it_says(side: str, replies: str, least: float, most: float) -> None:
    assert least <= states_per_sample(side, replies) <= most
