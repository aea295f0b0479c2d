"""What speech and words cost, in tokens, and how a response tells it."""

from __future__ import annotations

from typing import Any

HEARD_MS_PER_TOKEN = 100
"""User audio costs one token for 100 ms (OpenAI's documentation)."""

SPOKEN_MS_PER_TOKEN = 50
"""Reply audio costs one token for 50 ms (OpenAI's documentation)."""

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for text; good enough for a stand-in's bill."""

FRAME_TOKENS = 4
"""What an item costs beside its words: a guess that keeps empty items from being free, and so their number bounded."""


def tokens(amount: int, per_token: int) -> int:
    """Tokens of so many milliseconds or characters, rounded up."""
    return -(-amount // per_token)


def usage(told: tuple[int, int], said: tuple[int, int]) -> dict[str, Any]:
    """The bill of a response: the whole conversation before it and what was said, each as (text, audio) tokens."""
    uncached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
    heard = {"text_tokens": told[0], "audio_tokens": told[1], "image_tokens": 0, "cached_tokens": 0}
    return {
        "total_tokens": sum(told) + sum(said),
        "input_tokens": sum(told),
        "output_tokens": sum(said),
        "input_token_details": {**heard, "cached_tokens_details": uncached},
        "output_token_details": {"text_tokens": said[0], "audio_tokens": said[1]},
    }
