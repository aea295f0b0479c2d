"""Libraries: heard when they complain, but not with what they were handed."""

import asyncio
import gc
import logging
import warnings

import pytest

from agent.errors import DeviceBusy
from agent.journal import Priority, broken, listen_to_libraries
from tests.journal.samples import Paper

SECRET = "S3cr3tS3cr3tS3cr3t"
SAID = "me llamo Ana"


@pytest.fixture
def paper():
    paper = Paper()
    with listen_to_libraries(paper.journal):
        yield paper


def caught(trouble):
    try:
        raise trouble
    except type(trouble) as error:
        return error


def test_a_warning_is_heard_with_its_arguments_and_without_secrets(paper):
    logging.getLogger("websockets.client").warning("%s refused token=%s", "wss://relay.example/?jwt=x", SECRET)
    logging.getLogger("websockets.client").info("nothing")
    ((message, fields),) = paper.lines
    assert message == "websockets.client: wss://relay.example/?******** refused token=********"
    assert fields["PRIORITY"] == str(int(Priority.WARNING))
    assert (fields["AGENT_EVENT"], fields["AGENT_LOGGER"]) == ("library", "websockets.client")
    assert not any(name.startswith("CODE_") for name in fields)


def test_an_exception_is_told_by_type_and_place_but_not_in_its_words(paper):
    logging.getLogger("gpiozero").error("it broke", exc_info=caught(ValueError(SAID)))
    ((_, fields),) = paper.lines
    assert fields["PRIORITY"] == str(int(Priority.ERROR))
    assert fields["AGENT_ERROR"] == "ValueError"
    assert "test_libraries.py" in fields["AGENT_TRACEBACK"]
    assert "in caught" in fields["AGENT_TRACEBACK"]
    assert fields["AGENT_TRACEBACK"].endswith("\nValueError")
    assert SAID not in repr(paper.lines)


def test_the_words_of_the_system_and_our_own_are_told():
    assert broken(caught(OSError(19, "No such device")))["traceback"].endswith("OSError: No such device")
    assert broken(caught(DeviceBusy("held by pulseaudio")))["traceback"].endswith("DeviceBusy: held by pulseaudio")


def test_what_led_to_an_exception_is_told_first_unless_it_was_hidden():
    def failing(cause):
        try:
            raise KeyError(SAID)
        except KeyError as error:
            raise RuntimeError(SAID) from (error if cause else None)

    told = []
    for cause in (True, False):
        with pytest.raises(RuntimeError) as raised:
            failing(cause)
        told.append(broken(raised.value)["traceback"])
    assert told[0].index("KeyError") < told[0].index("which led to") < told[0].index("RuntimeError")
    assert "KeyError" not in told[1].splitlines()
    assert SAID not in repr(told)


def test_asyncio_tells_of_a_forgotten_task_without_its_representation(paper):
    async def failing():
        raise ValueError(SAID)

    async def forget():
        task = asyncio.get_running_loop().create_task(failing())
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forget())
    ((message, fields),) = paper.lines
    assert message == "asyncio: Task exception was never retrieved"
    assert fields["AGENT_ERROR"] == "ValueError"
    assert SAID not in repr(paper.lines)


def test_arguments_that_do_not_fit_their_format_are_not_shown_anywhere(paper, capsys):
    odd = logging.LogRecord("odd", logging.WARNING, "odd.py", 1, "%d of it", (SECRET,), None)
    for handler in logging.getLogger().handlers:
        if type(handler).__module__.startswith("agent."):  # pytest's own end a test that logs so
            handler.handle(odd)
    assert paper.messages == ["odd: %d of it"]
    assert SECRET not in capsys.readouterr().err


def test_pythons_own_warnings_are_heard(paper):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("falling back to another pin factory", stacklevel=1)
    assert "falling back to another pin factory" in paper.messages[0]


def test_a_library_that_will_not_stop_is_cut_short(paper):
    for _ in range(1000):
        logging.getLogger("noisy").warning("again")
    assert len(paper.lines) < 20


def test_after_leaving_nothing_is_heard_any_more():
    paper, before = Paper(), list(logging.getLogger().handlers)
    with listen_to_libraries(paper.journal):
        pass
    assert logging.getLogger().handlers == before
