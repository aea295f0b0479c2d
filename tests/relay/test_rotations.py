"""Rotations: each step, and what is left when either side, or what is between, ends in the middle of one."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.link.rotation import offered
from agent.link.rotation_file import Rotated, fingerprint, writing
from agent.link.token import find_tokens
from agent.relay.registry import Registry
from agent.relay.rotations import State
from agent.relay.rounds import Guest, Rounds


@pytest.fixture
def registry():
    registry = Registry()
    yield registry
    registry.close()


def in_use(registry, device_id="a"):
    """A token that its device has come with."""
    token = registry.issue(device_id)
    registry.rotations.came_with([registry.find(token).id])
    return token


def offer_to(registry, device_id="a"):
    return registry.rotations.offer([device_id]).get(device_id)


def state(registry, device_id="a"):
    return registry.rotations.all()[device_id].state


def is_valid(registry, token):
    return registry.find(token).is_valid


def test_a_rotation_that_goes_well_ends_the_old_token_when_the_new_one_is_used(registry):
    old = in_use(registry)
    assert registry.rotations.want("a", 3600)
    assert registry.rotations.due(["a", "b"]) == ["a"]
    offer = offer_to(registry)
    assert state(registry) is State.OFFERED
    registry.rotations.kept([offer.token_id])
    assert state(registry) is State.KEPT
    assert registry.rotations.due(["a"]) == []
    assert is_valid(registry, old)
    assert registry.find(old).ends, "it has a last moment now"
    registry.rotations.came_with([offer.token_id])
    assert state(registry) is State.CONFIRMED
    assert [is_valid(registry, token) for token in (old, offer.token)] == [False, True]
    assert offer.token not in repr(offer)


def test_the_last_moment_of_the_old_token_counts_only_once_the_device_has_the_new_one(registry):
    old = in_use(registry)
    registry.rotations.want("a", 0)
    offer = offer_to(registry)
    assert is_valid(registry, old), "else a device that never got it would be locked out"
    registry.rotations.kept([offer.token_id])
    assert not is_valid(registry, old)


def test_an_offer_that_was_overtaken_ends_nothing(registry):
    old = in_use(registry)
    registry.rotations.want("a", 0)
    first, second = offer_to(registry), offer_to(registry)
    registry.rotations.kept([first.token_id])
    assert is_valid(registry, old)
    registry.rotations.came_with([first.token_id])
    assert [is_valid(registry, token) for token in (old, first.token, second.token)] == [False, True, True]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda registry, _: registry.revoke("a"),
        lambda registry, token_id: registry.revoke_token(token_id),
        lambda registry, _: registry.issue("a"),
    ],
    ids=["all revoked", "the new one revoked", "another issued"],
)
def test_what_a_person_does_meanwhile_ends_the_rotation_and_no_other_token(registry, meanwhile):
    old = in_use(registry)
    registry.rotations.want("a", 0)
    offer = offer_to(registry)
    meanwhile(registry, offer.token_id)
    before = is_valid(registry, old)
    registry.rotations.kept([offer.token_id])
    assert is_valid(registry, old) == before
    assert offer_to(registry) is None
    assert registry.rotations.due(["a"]) == []


def test_a_device_without_a_valid_token_or_with_one_on_its_way_by_hand_is_not_rotated(registry):
    assert not registry.rotations.want("a", 0)
    in_use(registry)
    assert registry.rotations.want("a", 0)
    registry.issue("a")
    assert not registry.rotations.want("a", 0)
    registry.revoke("a")
    assert not registry.rotations.want("a", 0)


def test_a_rotation_can_be_wanted_again_and_concerns_one_device(registry):
    tokens = [in_use(registry, "a"), in_use(registry, "b")]
    for _ in range(2):
        registry.rotations.want("a", 0)
        offer = offer_to(registry)
        registry.rotations.kept([offer.token_id])
        registry.rotations.came_with([offer.token_id])
        registry.rotations.came_with([offer.token_id])
    assert [is_valid(registry, token) for token in tokens] == [False, True]
    assert len([grant for grant in registry.grants("a") if grant.is_valid]) == 1


class Future:
    """Nobody is put out in these stories."""

    def done(self):
        return False


@dataclass(eq=False)
class Line:
    """A connection: the relay's view of it, and what is on its way to the device."""

    number: int
    guest: Guest
    under_way: list[str] = field(default_factory=list)


STEPS_OF_WRITING = 5


class Rotating(RuleBasedStateMachine):
    """
    A device with a real disk and a relay with a real registry, both of which may end between any two steps.

    Whatever happens, the token that the device would come with now lets it in.
    """

    def __init__(self):
        super().__init__()
        memory = Path("/dev/shm")  # noqa: S108 - a disk that is faster
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        (self.folder / "state").mkdir()
        self.environ = {"STATE_DIRECTORY": str(self.folder / "state")}
        self.registry = Registry(self.folder / "tokens.sqlite")
        self.lines, self.stray, self.dials = [], [], 0
        self.rounds = self.new_rounds()

    def new_rounds(self):
        return Rounds(self.registry, lambda: [line.guest for line in self.lines], lambda: 0.0)

    def teardown(self):
        self.registry.close()
        shutil.rmtree(self.folder)

    @property
    def credential(self):
        return self.folder / "device-token"

    def tokens(self):
        return [found.token.reveal() for found in find_tokens(self.credential, self.environ)]

    @initialize()
    def a_person_delivers_a_token(self):
        self.issued = self.registry.issue("a")
        self.it_is_delivered_and_the_device_starts_anew()
        self.the_device_dials()

    @rule(overlap_s=st.sampled_from([0, 0, 3600]))
    def a_person_wants_a_rotation(self, overlap_s):
        self.registry.rotations.want("a", overlap_s)
        self.the_relay_looks_round()

    @rule()
    def a_person_issues_another_token(self):
        self.issued = self.registry.issue("a")

    @precondition(lambda self: self.issued)
    @rule()
    def it_is_delivered_and_the_device_starts_anew(self):
        self.credential.write_text(self.issued)
        self.issued = None
        self.the_device_starts_anew()

    @rule()
    def the_device_dials(self):
        self.the_relay_looks_round()
        grant = self.registry.find(self.tokens()[0])
        assert grant.is_valid
        self.dials += 1
        self.lines.append(Line(self.dials, Guest(grant, "", 0.0, Future(), is_settled=True)))
        self.the_relay_looks_round()

    def the_relay_looks_round(self):
        self.rounds.look()
        for line in self.lines:
            while not line.guest.errands.empty():
                line.under_way.append(line.guest.errands.get_nowait())

    @precondition(lambda self: any(line.under_way for line in self.lines + self.stray))
    @rule(
        data=st.data(),
        steps=st.sampled_from([0, 1, 2, 3, 4, *[STEPS_OF_WRITING] * 5]),
        is_answered=st.booleans(),
        is_noted=st.booleans(),
    )
    def a_message_arrives(self, data, steps, is_answered, is_noted):
        """It is kept, or the power is cut at one of the steps; the answer arrives, or the connection ends before."""
        line = data.draw(st.sampled_from([line for line in self.lines + self.stray if line.under_way]))
        offer = offered(line.under_way.pop(0))
        if line.number != self.dials:
            return  # `agent.link.rotating` takes nothing from a connection that was replaced
        issued = self.credential.read_text()
        new = Rotated(offer.token.reveal(), fingerprint(issued))
        list(islice(writing(self.folder / "state", new), steps))
        if steps < STEPS_OF_WRITING:
            self.the_device_starts_anew()
        elif is_answered and line in self.lines:
            self.rounds.receipt(line.guest, offer.token_id)
            if is_noted:
                self.the_relay_looks_round()
        elif line in self.lines:
            self.lines.remove(line)

    @precondition(lambda self: self.lines)
    @rule(data=st.data(), is_buffered=st.booleans())
    def a_connection_ends_for_the_relay(self, data, is_buffered):
        """What is under way is lost; or it waits in the network, and the device reads it all the same."""
        line = data.draw(st.sampled_from(self.lines))
        self.lines.remove(line)
        if is_buffered:
            self.stray.append(line)
        self.the_relay_looks_round()

    @rule()
    def the_relay_starts_anew(self):
        self.stray += self.lines
        self.lines.clear()
        self.registry.close()
        self.registry = Registry(self.folder / "tokens.sqlite")
        self.rounds = self.new_rounds()

    @rule()
    def the_device_starts_anew(self):
        self.lines.clear()
        self.stray.clear()

    @invariant()
    def the_device_would_be_let_in(self):
        if self.credential.exists():
            assert self.registry.find(self.tokens()[0]).is_valid

    @invariant()
    def nothing_on_the_relays_disk_is_a_secret(self):
        if self.credential.exists():
            secret = self.tokens()[0].split("_")[2].encode()
            assert secret not in (self.folder / "tokens.sqlite").read_bytes()


TestRotating = Rotating.TestCase
TestRotating.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


def test_a_message_for_the_device_holds_no_more_than_it_has_to(registry):
    in_use(registry, "a")
    registry.rotations.want("a", 3600)
    guest = Guest(registry.find(in_use(registry, "b")), "", 0.0, Future(), is_settled=True)
    Rounds(registry, lambda: [guest], lambda: 0.0).look()
    assert guest.errands.empty(), "it is for another device"
    registry.rotations.want("b", 3600)
    Rounds(registry, lambda: [guest], lambda: 0.0).look()
    event = json.loads(guest.errands.get_nowait())
    assert event.keys() == {"type", "event_id", "token_id", "token", "old_valid_until"}
