"""Sessions that have been told facts, and how far into a turn those take them."""

from agent.session.events import LinkUp, ReplyArrived, ReplyAudible, TimeUp, TurnClosed, TurnOpened, UtteranceSent
from agent.session.machine import Patience, Session

PATIENCE = Patience(utterance=60.0, offline=8.0, response=10.0)
SPOKEN = (TurnOpened(), TurnClosed(), UtteranceSent(1))
ANSWERING = (*SPOKEN, ReplyArrived(1), ReplyAudible(1))
UP = (LinkUp(),)


def told(*events, link=UP):
    """A session that has lived through these facts, and the orders it gave for the last one."""
    session = Session(PATIENCE)
    session.begin()
    orders = ()
    for event in (*link, *events):
        orders = session.handle(event)
    return session, orders


def timed_out(*events, **kwargs):
    session, _ = told(*events, **kwargs)
    return session, session.handle(TimeUp(session.alarm))
