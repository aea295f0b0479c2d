"""The reading-corner agent: a voice tutor's ears, mouth, button and light on a school's Raspberry Pi."""

__version__ = "0.1.0"
