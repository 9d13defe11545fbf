"""`script/read` on simulated buses: all is real but the kernel.

The first argument says what is there, as JSON; the others are those of `script/read`. When the command
has ended, what became of the bus is written to the plan's `report`.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from threading import Timer
from typing import Any, cast

from reading.__main__ import main
from reading.arguments import parse

from custom_components.battmon.transports import i2c, i2c_scan
from simulators.battery import SimulatedBattery
from simulators.i2c.bus import Bus
from simulators.i2c.chip import Chip
from simulators.i2c.ina import Ina226, Ina228
from simulators.i2c.ina3221 import Ina3221
from simulators.i2c.kernel import Kernel
from simulators.i2c.registers import RegisterChip
from simulators.i2c.rotoye import RotoyeBatmon
from simulators.i2c.sbs import SbsGauge
from simulators.i2c.sensed import Sensed, Steady

SENSED = Sensed(Steady(13.2, -5.0), 0.0005)
CHIPS: dict[str, Callable[[], Chip]] = {
    "sbs": lambda: SbsGauge(SimulatedBattery(4, spread=0.0)),
    "rotoye": lambda: RotoyeBatmon(SimulatedBattery(4, spread=0.0)),
    "ina226": lambda: Ina226(SENSED),
    "ina228": lambda: Ina228(SENSED),
    "ina3221": lambda: Ina3221([Sensed(Steady(volts, -0.5), 0.1) for volts in (12.0, 13.0, 14.0)]),
    "unknown": RegisterChip,
}


def refused(arguments: list[str]) -> tuple[int | None, str]:
    """Return the exit status of wrong arguments, `None` for right ones, and what is said."""
    said = StringIO()
    try:
        with redirect_stderr(said):
            parse(arguments)
    except SystemExit as exit_:
        return cast("int", exit_.code), said.getvalue()
    return None, said.getvalue()


def run() -> int:
    plan: dict[str, Any] = json.loads(sys.argv[1])
    sys.argv[:2] = []
    sys.argv.insert(0, "script/read")
    if "parse" in plan:
        sys.stdout.write(json.dumps([refused(arguments) for arguments in plan["parse"]]))
        return 0
    chips = {int(address, 16): CHIPS[name]() for address, name in plan.get("chips", {}).items()}
    bus = Bus(chips, taken=set(plan.get("taken", ())), functions=plan.get("functions", Bus.functions))
    for kind, settings in plan.get("faults", ()):
        bus.inject(kind, **settings)
    for module, name in ((i2c, "JOB_TIME"), (i2c, "HANG_TIME"), (i2c_scan, "ADDRESS_TIME")):
        if "patience" in plan:
            setattr(module, name, plan["patience"])
    if "interrupt" in plan:
        timer = Timer(plan["interrupt"], os.kill, (os.getpid(), signal.SIGINT))
        timer.daemon = True
        timer.start()
    with Kernel({plan["path"]: bus}).installed() as kernel:
        status = main()
    report = {
        "open": kernel.open_files,
        "forced": kernel.forced,
        "written": [one.written.hex() for one in bus.log if len(one.written) > 1],
        "addresses": sorted({one.address for one in bus.log}),
    }
    Path(plan["report"]).write_text(json.dumps(report))
    return status


if __name__ == "__main__":
    sys.exit(run())
