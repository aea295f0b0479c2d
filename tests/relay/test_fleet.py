from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agent.relay.fleet import Device, as_json, table, worst_first

NOW = 1_800_000_000
RECORD = {
    "version": "1.2.0",
    "score": 71,
    "link": {"up": True, "since_s": 11_520.4},
    "turns": {"release_to_sound": {"p50_ms": 820, "p95_ms": 1400}},
    "reasons": ["the supply sags", "two stalls in the last hour"],
}


def drawn(*devices, width=200):
    paper = Console(file=StringIO(), width=width)
    paper.print(table(devices, NOW))
    return paper.file.getvalue()


def test_a_device_is_one_line():
    (_, line) = drawn(Device("corner-7", NOW - 75, RECORD)).splitlines()
    told = ("corner-7", "1.2.0", "71", "3 h 12 min", "820 ms / 1400 ms", "1 min ago", "the supply sags; two stalls")
    assert [word for word in told if word not in line] == []


def test_a_device_that_never_told_is_there_too():
    assert "never" in drawn(Device("corner-8"))


def test_the_silent_come_before_the_absent_and_these_before_the_worst():
    devices = [
        Device("well", NOW - 5, {"score": 100}),
        Device("absent", NOW - 601, {"score": 100}),
        Device("ill", NOW - 5, {"score": 40}),
        Device("silent"),
        Device("odd", NOW - 5, {"score": "good"}),
    ]
    assert [device.id for device in worst_first(devices, NOW)] == ["silent", "absent", "odd", "ill", "well"]


def test_orders_to_the_terminal_are_not_passed_on():
    assert "\x1b" not in drawn(Device("\x1b[2J", NOW, {**RECORD, "reasons": ["\x1b]0;gone\x07", 5, None]}))


def test_programs_get_the_record_as_it_came():
    assert as_json([Device("corner-7", NOW, RECORD)]) == [{"device": "corner-7", "at": NOW, "health": RECORD}]


numbers = st.integers() | st.floats() | st.booleans()
anything = st.recursive(
    st.none() | numbers | st.text(max_size=5) | st.sampled_from([10**400, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*RECORD, "p50_ms"]), inner),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(RECORD, anything)), st.integers(0, 2**40))
def test_whatever_a_device_told_can_be_drawn(record, at):
    device = Device("corner-7", at, record)
    assert drawn(*worst_first([device], NOW))
