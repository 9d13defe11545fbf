"""How batteries with a JBD BMS advertise themselves.

Source: the vendor's model numbers; what aiobmsble 0.31 (Apache-2.0) declares for its `jbd_bms`, and the
advertisements that it and BMS_BLE-HA have collected (facts only).
"""

from .conversation import Channel
from .protocol import Bluetooth

SHORT = "0000{}-0000-1000-8000-00805f9b34fb"
NORDIC_UART = "6e40000{}-b5a3-f393-e0a9-e50e24dcca9e"

MODELS = tuple(f"{family}{tens}?S0??*" for family in ("AP", "DP", "SP", "UP") for tens in "012")
"""The vendor's own model numbers, such as SP17S005 of 17 cells. Home Assistant wants three characters
at the beginning that stand for themselves."""

BLUETOOTH = Bluetooth(
    channels=(
        Channel(notify=SHORT.format("ff01"), write=SHORT.format("ff02")),
        Channel(notify=SHORT.format("fff1"), write=SHORT.format("fff2")),
        Channel(notify=NORDIC_UART.format(3), write=NORDIC_UART.format(2)),
    ),
    names=("JBD-*", "xiaoxiang*", *MODELS),
    # Of re-brandings: short, general, or of sellers who sell batteries with another BMS as well.
    # Not DWF*: a Daren, which speaks something similar.
    common_names=(
        "12???BL*",  # SBL Connect
        "24???BL*",
        "SBL-*",
        "@KsM:*",  # RVPOWER
        "GJ-*",  # Accurat
        "LSG-*",  # Lossigy
        "LT40AH",  # Liontron
        "N-?????BL*",  # Nordström
        "OGR-*",  # OGRPHY
        "SJ-???-*",  # Supervolt
        "SX1*",
        "SX60*",
        "TITAN-*",
        "TZ-H*",  # CERRNSS
    ),
    prefixes=frozenset(
        {
            "10:A5:62",  # CHINS
            "70:3E:97",
            "A2:C2:37",
            "A4:C1:37",
            "A4:C1:38",
            "A5:C2:37",
            "A5:C2:39",
            "A5:C2:3A",
            "AA:C2:37",
        }
    ),
    services=frozenset({SHORT.format("ff00")}),
    common_services=frozenset({SHORT.format("fff0"), NORDIC_UART.format(1)}),
)
