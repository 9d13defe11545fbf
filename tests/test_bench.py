"""`script/bench`. The figures themselves take minutes and are not tests."""

import subprocess

from .product import ROOT


def test_an_unknown_figure_is_a_wrong_name() -> None:
    command = [str(ROOT / "script" / "bench"), "nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "nonsense" in result.stderr
    assert "decode_4s" in result.stderr
