import asyncio
import json
import logging
import sqlite3
from contextlib import closing

from agent.relay.farewell import REVOKED, SUPERSEDED
from agent.relay.registry import Registry
from agent.relay.rounds import EVERY_S, TOGETHER, Guest, Rounds
from tests.clock import jumping


class House:
    """A registry, who is in, and a clock that is put forward by hand."""

    def __init__(self, registry=None):
        self.registry, self.guests, self.now = registry or Registry(), [], 0.0
        self.rounds = Rounds(self.registry, lambda: self.guests, lambda: self.now)

    def comes(self, token, is_settled=True):
        grant = self.registry.find(token)
        assert grant.is_valid
        guest = Guest(grant, "0badcafe", self.now, asyncio.get_running_loop().create_future(), is_settled=is_settled)
        self.guests.append(guest)
        return guest

    def passes(self, seconds=1.0):
        self.now += seconds
        self.rounds.look()

    def standing(self, token):
        return self.registry.find(token)


def lived(story):
    """Run a test on a loop, in a house of its own."""

    def test(caplog):
        async def main():
            house = House()
            house.log = caplog
            try:
                await story(house)
            finally:
                house.registry.close()

        asyncio.run(main())

    test.__name__ = story.__name__
    return test


def sent(guest):
    """The next message for a guest, None if there is none."""
    return None if guest.errands.empty() else json.loads(guest.errands.get_nowait())


@lived
async def test_who_is_in_by_a_revoked_token_is_put_out_and_nobody_else(house):
    stolen, other = house.comes(house.registry.issue("a")), house.comes(house.registry.issue("b"))
    house.passes()
    assert not stolen.is_leaving
    house.registry.revoke("a")
    house.passes()
    assert stolen.farewell.result() == REVOKED
    assert not other.is_leaving
    house.passes()


@lived
async def test_the_first_time_that_a_device_comes_is_written_down_and_ends_its_older_tokens(house):
    lost, found = house.registry.issue("a"), house.registry.issue("a")
    old = house.comes(lost)
    house.passes()
    assert house.standing(lost).used
    house.comes(found)
    house.passes()
    assert not house.standing(lost).is_valid
    assert house.standing(found).is_valid
    assert not old.is_leaving, "what it has begun it may end"


@lived
async def test_a_successor_is_no_clone_but_a_minute_is_too_long(house):
    token = house.registry.issue("a")
    old = house.comes(token)
    house.passes(3600)
    new, other = house.comes(token), house.comes(house.registry.issue("b"))
    house.passes(TOGETHER)
    assert not old.is_leaving
    house.passes()
    assert old.farewell.result() == SUPERSEDED
    assert not new.is_leaving
    assert not other.is_leaving
    assert house.standing(token).doubled
    house.passes()
    assert [record.levelname for record in house.log.records] == ["WARNING"]
    assert "two places" in house.log.text


@lived
async def test_a_wanted_rotation_reaches_the_device_that_is_settled_once(house):
    house.log.set_level(logging.INFO)
    old = house.registry.issue("a")
    guest = house.comes(old, is_settled=False)
    house.passes()
    house.registry.rotations.want("a", 3600)
    house.passes()
    assert sent(guest) is None, "nothing comes before its session"
    guest.is_settled = True
    house.passes()
    offer = sent(guest)
    assert offer["type"] == "device.token.rotate"
    assert house.standing(offer["token"]).id == offer["token_id"]
    assert offer["token"] not in house.log.text
    house.passes()
    assert sent(guest) is None
    assert house.standing(old).ends == "", "nobody knows yet that the new one has come"


@lived
async def test_an_offer_without_an_answer_is_made_anew_on_the_next_connection_and_not_sooner(house):
    token = house.registry.issue("a")
    first = house.comes(token)
    house.passes()
    house.registry.rotations.want("a", 3600)
    house.passes()
    second = house.comes(token)
    house.passes()
    assert sent(second) is None
    house.guests.remove(first)
    house.passes()
    assert sent(second)["token_id"] != sent(first)["token_id"]


@lived
async def test_the_newest_connection_that_stays_is_the_one_that_is_told(house):
    token = house.registry.issue("a")
    first, second, third = house.comes(token), house.comes(token), house.comes(token)
    third.dismiss(REVOKED)
    house.passes()
    house.registry.rotations.want("a", 3600)
    house.passes()
    assert [sent(guest) is not None for guest in (first, second, third)] == [False, True, False]


@lived
async def test_only_the_receipt_of_what_was_sent_on_this_connection_counts(house):
    old = house.registry.issue("a")
    guest, thief = house.comes(old), house.comes(house.registry.issue("b"))
    house.passes()
    house.registry.rotations.want("a", 0)
    house.passes()
    token_id = sent(guest)["token_id"]
    for whose, what in ((thief, token_id), (guest, "another"), (guest, None), (guest, [])):
        house.rounds.receipt(whose, what)
    house.passes()
    assert house.standing(old).is_valid
    house.rounds.receipt(guest, token_id)
    house.passes()
    assert not house.standing(old).is_valid


def test_a_registry_that_is_locked_is_told_once_and_used_when_it_is_free(tmp_path, caplog):
    async def story():
        house = House(Registry(tmp_path / "tokens.sqlite", patience_s=0))
        guest = house.comes(house.registry.issue("a"))
        house.passes()
        house.registry.revoke("a")
        rounds = asyncio.create_task(house.rounds.run())
        with closing(sqlite3.connect(tmp_path / "tokens.sqlite", isolation_level=None)) as person:
            person.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(60)
            assert not guest.is_leaving
            person.execute("ROLLBACK")
            await asyncio.sleep(EVERY_S)
        rounds.cancel()
        house.registry.close()
        return guest.is_leaving

    assert jumping(story())
    assert caplog.text.count("database is locked") == 1
