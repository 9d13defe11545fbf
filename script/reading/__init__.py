"""The command behind `script/read`: one battery read with the product's own protocols and transports.

The product's `__init__` loads Home Assistant, which takes seconds and is not needed: neither
protocols nor transports know of it. So its place is taken by an empty package at the same path.
"""

import signal
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = "custom_components.battmon"

# Until the event loop takes the signals over, an interrupt just ends the command.
signal.signal(signal.SIGINT, signal.SIG_DFL)

sys.path.append(str(ROOT))
_product = ModuleType(PRODUCT)
_product.__path__ = [str(ROOT.joinpath(*PRODUCT.split(".")))]
sys.modules[PRODUCT] = _product
