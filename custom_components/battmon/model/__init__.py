"""The pure part: readings, states and the rules of batteries. No I/O, no clock, no Home Assistant.

Units everywhere in this package: V, A, W, Ah, Wh, degC, ohm, %, seconds, as floats without suffixes.
Current and power are positive while charging. Unknown is ``None``.
"""
