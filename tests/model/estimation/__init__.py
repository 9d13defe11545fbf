"""Tests of what is worked out of the samples."""
