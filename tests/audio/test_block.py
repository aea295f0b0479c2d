import numpy as np

from agent.audio.block import Block, Draft, Span
from agent.audio.concealment import PAST_SAMPLES
from agent.units import EndOfReply, Part, Turn

PART = Part("r", "i", 0)


def test_a_draft_becomes_a_block_of_exact_length_whose_rest_is_silence():
    draft = Draft(np.full(PAST_SAMPLES, 7, np.int16), 10)
    draft.begin(Turn(3))
    draft.add(np.array([1, 2], np.int16))
    draft.add_span(np.array([3, 4, 5], np.int16), Turn(3), PART, is_content=True)
    draft.finish(EndOfReply(Turn(3), "r"))
    block = draft.block()
    assert isinstance(block, Block)
    assert block.pcm.tolist() == [1, 2, 3, 4, 5, 0, 0, 0, 0, 0]
    assert block.spans == (Span(2, 3, Turn(3), PART, is_content=True),)
    assert (block.begun, block.over) == ((Turn(3),), (EndOfReply(Turn(3), "r"),))
    assert draft.left == 5


def test_the_past_follows_what_is_added():
    draft = Draft(np.full(PAST_SAMPLES, 7, np.int16), 10)
    draft.add(np.array([1, 2], np.int16))
    assert draft.past()[-3:].tolist() == [7, 1, 2]
    assert len(draft.past()) == PAST_SAMPLES
    assert draft.tape()[-10:].tolist() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]
