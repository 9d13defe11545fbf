"""BattMon in Home Assistant."""
