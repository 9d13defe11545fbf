"""BattMon behind Home Assistant's own ESPHome integration: script/test --esphome."""
