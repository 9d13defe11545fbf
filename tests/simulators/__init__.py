"""The simulators, tested against recorded frames and against physics; no Home Assistant."""
