"""What `journalctl -x` says below a line, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc


@dataclass(frozen=True, slots=True)
class Text:
    """
    A subject, and a body for IT staff: what it is, and what to do.

    Paragraphs of the body are parted by empty lines; those that begin with spaces are commands. @FIELD@ stands for the
    value of a field that every line of the kind has.
    """

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Explained:
    """The same in two languages: whoever changes one has the other before their eyes."""

    english: Text
    spanish: Text


def explained(english: str, spanish: str) -> Explained:
    """Both languages, each a block with the subject as its first line."""
    return Explained(_text(english), _text(spanish))


def _text(block: str) -> Text:
    subject, _, body = cleandoc(block).partition("\n\n")
    return Text(subject, body)
