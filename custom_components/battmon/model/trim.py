"""What makes right what a power monitor measures, worked out from what a multimeter says."""

from typing import NamedTuple

from .calibration import Adjust, Correction, Pair, calibrated

DIGITS = 9


class Trim(NamedTuple):
    """How a quantity is shown: sign * gain * (counted - offset)."""

    gain: float = 1.0
    offset: float = 0.0
    """In what the device counts."""
    sign: int = 1
    """-1 where the device counts the other way round."""

    def shown(self, counted: float) -> float:
        """Return what is shown of what the device counts."""
        return self.sign * self.gain * (counted - self.offset)

    def counted(self, shown: float) -> float:
        """Return what the device counts where this is shown."""
        return self.sign * shown / self.gain + self.offset

    def by_gain(self, shown: float, measured: float) -> Trim:
        """Return it with the gain by which what is shown comes out as measured. Raises `CannotCalibrate`."""
        found = calibrated([Pair(shown / self.gain, measured)], Correction(self.gain), Adjust.GAIN)
        return self._replace(gain=round(found.gain, DIGITS))

    def by_offset(self, shown: float, measured: float) -> Trim:
        """Return it with the offset by which it does."""
        offset = self.offset + self.sign * (shown - measured) / self.gain
        return self._replace(offset=round(offset, DIGITS))
