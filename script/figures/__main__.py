"""Measure figures and print a line for each. Exit status: 0, 1 if one is short, 2 for a wrong name."""

import sys
from argparse import ArgumentParser

from .ble import ble_cells, ble_poll
from .bus_load import bus_load, bus_rate
from .crowd import many_batteries
from .decode import decode_4s, decode_16s
from .figure import Figure
from .recombine import recombine, recombine_100
from .sbs_bytes import sbs_bytes
from .serial_poll import serial_poll
from .states import loaded_states, steady_states
from .step import step

FIGURES = (
    Figure("decode_4s", "polls in the time of one by aiobmsble, 4 cells", 1.5, decode_4s, at_least=True),
    Figure("decode_16s", "the same with 16 cells", 1.5, decode_16s, at_least=True),
    Figure("step", "time of a fold with everything on over an update by aiobmsble", 3.0, step),
    Figure("recombine", "folds of one battery that putting nine members together costs", 5.0, recombine),
    Figure("recombine_100", "what a hundred members cost over what nine cost", 12.0, recombine_100),
    Figure("serial_poll", "time of a poll over that of its bytes and the device", 1.10, serial_poll),
    Figure("sbs_bytes", "bytes of a poll of 12 cells over the least for what is shown", 1.15, sbs_bytes),
    Figure("steady_states", "states that a steady battery writes in an hour", 0, steady_states),
    Figure("loaded_states", "states written over one of each entity a sample", 0.2, loaded_states),
    Figure("ble_poll", "CPU of a Bluetooth sample over the peer's", 0.5, ble_poll),
    Figure("ble_cells", "the same of a sample that shows every cell", 1.5, ble_cells),
    Figure(
        "bus_rate", "time between samples over that asked for, 16 power monitors at 10 Hz", 1.05, bus_rate
    ),
    Figure("bus_load", "CPU of a sample of 16 power monitors over of one alone", 1.2, bus_load),
    Figure("many_batteries", "CPU of a sample among 100 batteries over among 10", 1.2, many_batteries),
)


def main() -> int:
    """Measure what is asked for, and return the exit status."""
    parser = ArgumentParser(
        prog="script/bench",
        description="Measure how BattMon performs, as ratios: name, value, bar, and whether it is cleared.",
        epilog="; ".join(f"{figure.name}: {figure.what}" for figure in FIGURES),
    )
    names = [figure.name for figure in FIGURES]
    parser.add_argument("names", nargs="*", metavar="NAME", choices=names, help="measure only these")
    parser.add_argument("--long", action="store_true", help="also what takes long")
    asked = parser.parse_args()
    chosen = [
        figure
        for figure in FIGURES
        if figure.name in asked.names or (not asked.names and (asked.long or not figure.long))
    ]
    return max([_report(figure) for figure in chosen])


def _report(figure: Figure) -> int:
    value = figure.measure()
    short = figure.is_short(value)
    relation = ">=" if figure.at_least else "<="
    verdict = "short" if short else "ok"
    print(f"{figure.name:<16} {value:7.3f}  {relation} {figure.bar:<5g} {verdict}", flush=True)
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
