"""Lets tests import the integration: Home Assistant's test plugin has a folder of this name too."""
