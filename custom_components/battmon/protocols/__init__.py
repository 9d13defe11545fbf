"""Every protocol that BattMon speaks, one device family a file."""

from .ad7091r5 import Ad7091r5
from .ina2xx import Ina226, Ina228, Ina231, Ina237, Ina238, Ina260
from .ina3221 import Ina3221
from .jbd import Jbd
from .ltc2946 import Ltc2946
from .protocol import Protocol
from .sbs_blocks import Solo, Sui
from .sbs_gauge import Maxell, Sbs
from .sbs_gauge_bq40 import Bq40
from .sbs_neodesign import NeoDesign
from .sbs_rotoye import Rotoye

PROTOCOLS: dict[str, type[Protocol]] = {
    protocol.key: protocol
    for protocol in (
        Jbd,
        Ina226,
        Ina228,
        Ina237,
        Ina238,
        Ina260,
        Ina3221,
        Ltc2946,
        Ina231,  # known by less than the others
        Ad7091r5,
        Sbs,
        Rotoye,
        Maxell,
        Solo,
        Sui,
        NeoDesign,
        Bq40,
    )
}
