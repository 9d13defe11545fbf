"""What a battery is made of and what for: the questions, and what it says itself."""

import re

from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from .model.chemistry import Chemistry
from .model.failsafe.settings import Use
from .model.identity import Fingerprint
from .model.reading import Reading

CHEMISTRY_SELECTOR = SelectSelector(
    SelectSelectorConfig(
        options=[
            Chemistry.LIFEPO4,
            Chemistry.LI_ION,
            Chemistry.LIPO,
            Chemistry.LEAD_ACID,
            Chemistry.LTO,
            Chemistry.SODIUM_ION,
        ],
        translation_key="chemistry",
        mode=SelectSelectorMode.DROPDOWN,
    )
)
USE_SELECTOR = SelectSelector(
    SelectSelectorConfig(
        options=[Use.STATIONARY, Use.VEHICLE], translation_key="use", mode=SelectSelectorMode.LIST
    )
)

CHEMISTRY_NAMES = {
    "LFP": Chemistry.LIFEPO4,
    "LIFE": Chemistry.LIFEPO4,
    "LIFEPO": Chemistry.LIFEPO4,
    "LIFEPO4": Chemistry.LIFEPO4,
    "LION": Chemistry.LI_ION,
    "LIION": Chemistry.LI_ION,
    "NMC": Chemistry.LI_ION,
    "NCA": Chemistry.LI_ION,
    "LIP": Chemistry.LIPO,
    "LIPO": Chemistry.LIPO,
    "LIPOLY": Chemistry.LIPO,
    "PBAC": Chemistry.LEAD_ACID,
    "PBACID": Chemistry.LEAD_ACID,
    "LEADACID": Chemistry.LEAD_ACID,
    "LTO": Chemistry.LTO,
    "NAION": Chemistry.SODIUM_ION,
    "SODIUMION": Chemistry.SODIUM_ION,
}
"""What devices call it, in capitals; `PbAc`, `LION` and `LiP` are from Smart Battery Data 1.1, 5.1.29."""
PLATEAU = (3.15, 3.42)
"""V: where the mean cell of a LiFePO4 battery stands that is neither empty nor being charged full."""
PLATEAU_CHARGE = 25.0
"""%: a cell of another chemistry that stands there is emptier than this."""


def likely_chemistry(fingerprint: Fingerprint, reading: Reading) -> Chemistry | None:
    """Return what a battery says that it is, or what its voltage tells."""
    said = re.sub(r"[^A-Z0-9]", "", (fingerprint.identity.chemistry or "").upper())
    if (chemistry := CHEMISTRY_NAMES.get(said)) is not None:
        return chemistry
    cells = [cell for cell in reading.cell_voltages or () if cell]
    if not cells or (reading.state_of_charge or 0.0) <= PLATEAU_CHARGE:
        return None
    least, most = PLATEAU
    return Chemistry.LIFEPO4 if least <= sum(cells) / len(cells) <= most else None
