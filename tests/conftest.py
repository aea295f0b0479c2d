"""What several rooms' tests need."""

import gc

import pytest


@pytest.fixture(scope="module")
def heap_set_aside():
    """
    Let the collector look at what the test makes only.

    An agent collects once a minute; in a year on virtual time that is so often that the heap of three thousand tests
    before it would be looked through for minutes.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
