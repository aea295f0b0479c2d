import pytest

from agent.errors import BadInput
from agent.relay import settings
from agent.relay.vocabulary import CLIENT_EVENTS

PREFIX = settings.PREFIX


def test_arguments_count_before_the_environment_and_that_before_defaults():
    chosen = settings.load({f"{PREFIX}PORT": "99", f"{PREFIX}TUTOR": "parrot"}, port="0", tutor=None)
    assert (chosen.port, chosen.tutor, chosen.dialect) == (0, "parrot", "ga")


def test_the_key_comes_from_the_environment_and_is_never_shown():
    chosen = settings.load({"OPENAI_API_KEY": "sk-secret"})
    assert chosen.openai_api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in repr(chosen)


@pytest.mark.parametrize(
    ("environ", "arguments", "message"),
    [
        ({f"{PREFIX}PORT": "many"}, {}, f"{PREFIX}PORT: found 'many'; expected a port from 0"),
        ({}, {"tutor": "human"}, "--tutor: found 'human'; expected 'scripted', 'parrot' or 'openai'"),
        ({}, {"close_after_s": "-1"}, "--close-after: found '-1'; expected seconds above 0"),
        (
            {f"{PREFIX}OPENAI_URL": "wss://h?api-key=secret"},
            {},
            f"{PREFIX}OPENAI_URL: found another text; expected ws(s)://… without query",
        ),
        ({f"{PREFIX}VOICES": "x"}, {}, f"{PREFIX}VOICES: found an unknown key; expected one of {PREFIX}HOST"),
    ],
)
def test_bad_settings_are_named_with_what_is_expected(environ, arguments, message):
    with pytest.raises(BadInput) as bad:
        settings.load(environ, **arguments)
    assert str(bad.value).startswith(message)


def test_an_unknown_argument_is_refused():
    with pytest.raises(BadInput):
        settings.load({}, colour="red")


def test_the_agents_own_relay_settings_are_let_alone():
    settings.load({"READING_CORNER_RELAY__URL": "wss://relay.example"})


def test_the_configuration_it_asks_for_is_one_the_service_takes():
    update = {"type": "session.update", "session": settings.load({}).session()}
    CLIENT_EVENTS["session.update"](update, "")
    assert update["session"]["audio"]["input"]["turn_detection"] is None
