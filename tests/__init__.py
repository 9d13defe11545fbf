"""The tests of BattMon."""
