"""A simulated Bluetooth radio: batteries that advertise, what connects to them, and every way it fails.

From the battery outwards: `module` (bytes), `peripheral` (one device that can be connected to), `air` (the
room), `scanner` (Home Assistant's side), `relay` and `remote` (a room in another process).
"""
