"""Tests of what is left when Home Assistant is killed."""
