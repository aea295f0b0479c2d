"""Microphone to frames, deltas to speaker."""
