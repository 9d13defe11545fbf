"""Transports alone, on real wires: no Home Assistant."""
