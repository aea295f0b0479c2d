"""The far end: authenticates devices, opens a tutor for each, forwards events."""
