"""
Draw the session machine from its table: `python -m agent.session.diagram README.md` rewrites the picture there.

Rules that every state shares (`StopAsked`, `ButtonStuck`) are drawn once, from "any"; rules that stay are left out.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from agent.marks import between
from agent.session.table import RESTING, RULES, State, To

BEGIN = "<!-- state diagram: written by `python -m agent.session.diagram README.md` -->"
END = "<!-- end of state diagram -->"


def mermaid() -> str:
    """The machine as a Mermaid state diagram."""
    edges: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for state, rules in RULES.items():
        for kind, rule in rules.items():
            if rule.to is To.STAY:
                continue
            source, target = _box(state), "rest" if rule.to is To.REST else _box(rule.to)
            if rule.to in (State.STOPPING, State.BUTTON_FAULT):
                source = "any"
            edges[source, target].add(kind.__name__)
    del edges["rest", "rest"]
    lines = [f"    {a} --> {b}: {', '.join(sorted(kinds))}" for (a, b), kinds in sorted(edges.items())]
    boxes = " | ".join(state.value for state in State if state in RESTING)
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    rest: {boxes}", "    [*] --> rest", *lines, "```"])


def _box(state: State) -> str:
    return "rest" if state in RESTING else state.name.lower()


def replaced(text: str) -> str:
    """
    Put the diagram of today between its marks.

    Raises:
        ValueError: If the marks are not there.

    """
    return between(text, BEGIN, END, mermaid())


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(replaced(readme.read_text()))
