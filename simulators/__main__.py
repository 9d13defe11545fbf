"""Run one simulated JBD battery by hand: prints what to open, ends with Ctrl-C."""

from argparse import ArgumentParser, Namespace
from contextlib import suppress
from threading import Event

from .chemistry import CHEMISTRIES
from .line import Line
from .presets import rig
from .serial_line import SerialLine
from .tcp_line import TcpLine


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m simulators", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--link", metavar="PATH", help="symbolic link to make to a pseudo-terminal")
    where.add_argument("--tcp", type=int, metavar="PORT", help="serve on 127.0.0.1 instead; 0 picks a port")
    parser.add_argument("--cells", type=int, default=16)
    parser.add_argument("--capacity", type=float, default=4.0, metavar="AH")
    parser.add_argument("--chemistry", choices=CHEMISTRIES, default="lifepo4")
    parser.add_argument("--state-of-charge", type=float, default=60.0, metavar="PERCENT")
    parser.add_argument("--password", help="six digits")
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Serve until interrupted."""
    chosen = _arguments()
    device = rig(
        chosen.cells,
        chosen.capacity,
        chemistry=CHEMISTRIES[chosen.chemistry],
        state_of_charge=chosen.state_of_charge,
        seed=chosen.seed,
        password=chosen.password,
        tail=True,
    ).device
    line: Line
    if chosen.link:
        line = serial = SerialLine(device, chosen.link, chosen.baud)
        address = serial.path
    else:
        line = network = TcpLine(device, chosen.tcp, chosen.baud)
    with line, suppress(KeyboardInterrupt):
        print(address if chosen.link else network.url, flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
