"""Tests for a Raspberry Pi with its devices and, for some of them, a person beside it: `pytest hw_tests`."""
