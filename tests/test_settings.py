from pathlib import Path

import pytest

from agent.errors import BadInput
from agent.settings import Settings
from agent.settings_sources import gather, load

CARD = "'auto', or an id, VENDOR:PRODUCT, USB port or name as `reading-corner devices` shows it"
LEVEL = "a whole number from 0 to 100, of the mixer's range, set at every open"
PINS = "a list of BCM pins from 0 to 27: one for each white light, or three for red, green, blue"


def settings(tmp_path: Path, toml: str = "", environ: dict[str, str] | None = None, **overrides: object) -> Settings:
    file = tmp_path / "agent.toml"
    file.write_text(toml, "utf-8")
    return load(file, environ or {}, **overrides)


def complaint(tmp_path: Path, toml: str = "", environ: dict[str, str] | None = None, **overrides: object) -> str:
    with pytest.raises(BadInput) as caught:
        settings(tmp_path, toml, environ, **overrides)
    return str(caught.value).replace(str(tmp_path / "agent.toml"), "FILE")


def test_nothing_set_is_a_second_grader_in_puerto_rico(tmp_path):
    plain = settings(tmp_path)
    assert (plain.language, plain.grade, plain.turn.offline_speech_s, plain.ring.leds) == ("es-PR", 2, 20, 16)


def test_arguments_win_over_environment_wins_over_file_key_by_key(tmp_path):
    toml = 'grade = 1\nlanguage = "en-US"\n[turn]\nmax_utterance_s = 30\noffline_speech_s = 5\nresponse_patience_s = 4'
    environ = {
        "READING_CORNER_GRADE": "3",
        "READING_CORNER_TURN__OFFLINE_SPEECH_S": "6",
        "READING_CORNER_TURN__RESPONSE_PATIENCE_S": "7",
    }
    got = settings(tmp_path, toml, environ, grade=5, turn={"response_patience_s": 9})
    assert (got.grade, got.language) == (5, "en-US")
    assert (got.turn.max_utterance_s, got.turn.offline_speech_s, got.turn.response_patience_s) == (30, 6, 9)


@pytest.mark.parametrize("url", ["wss://relay.example/v1", "ws://127.0.0.1:8080", "ws://[::1]:1", "ws://localhost:9"])
def test_a_relay_is_encrypted_or_on_this_machine(tmp_path, url):
    assert settings(tmp_path, relay={"url": url}).relay_url() == url


@pytest.mark.parametrize(
    "url",
    [
        "ws://relay.example",
        "https://relay.example",
        "wss://",
        "wss://a:b@c",
        "wss://c?jwt=secret",
        "wss://c:x",
        "wss://c:0",
        "wss://c#d",
    ],
)
def test_any_other_relay_is_refused_without_telling_its_secrets(tmp_path, url):
    line = complaint(tmp_path, relay={"url": url})
    assert line.startswith("argument: relay.url: found ")
    assert "expected wss://HOST" in line
    assert "secret" not in line
    assert "a:b" not in line


def test_without_a_relay_there_is_nowhere_to_dial_until_the_simulator_brings_its_own(tmp_path):
    plain = settings(tmp_path)
    with pytest.raises(BadInput, match=r"relay\.url: found nothing; expected wss://"):
        plain.relay_url()
    assert plain.with_relay("ws://127.0.0.1:5").relay_url() == "ws://127.0.0.1:5"


def test_every_problem_gets_its_own_line_with_place_key_found_and_expected(tmp_path):
    toml = 'language = "fr-FR"\nring = 3\n[audio]\nceiling_dbfs = 1\n[relay]\nquery = { school = 7 }'
    assert complaint(tmp_path, toml, {"READING_CORNER_GRADE": "6"}).splitlines() == [
        "FILE: language: found 'fr-FR'; expected es-REGION or en-REGION",
        "READING_CORNER_GRADE: grade: found '6'; expected a whole number from 0 (kindergarten) to 5",
        "FILE: relay.query.school: found a value of type int; expected text for each name, in a table [relay.query]",
        "FILE: audio.ceiling_dbfs: found 1; expected decibels from -60 to 0",
        "FILE: ring: found 3; expected a table [ring]",
    ]


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("gread = 2", "FILE: found unknown key 'gread'; expected 'grade'?"),
        ("[relay]\nurll = 'secret'", "FILE: found unknown key 'relay.urll'; expected 'relay.url'?"),
        ("[rellay]\nurl = ''", "FILE: found unknown key 'rellay'; expected 'relay'?"),
        (
            "[relay]\nauth = 'rct_secret'",
            "FILE: relay.auth: found a value of type str; expected 'header', 'subprotocol' or 'query:NAME'",
        ),
        ("relay = 'wss://host?token=rct_s'", "FILE: relay: found a value of type str; expected a table [relay]"),
        (
            f"device_id = ['{'x' * 90}']",
            f"FILE: device_id: found ['{'x' * 58}…; expected text that is not empty, the relay's name for this device",
        ),
        ("[microphone]\ncard = 1", f"FILE: microphone.card: found 1; expected {CARD}"),
        ("[speaker]\nlevel_percent = 101", f"FILE: speaker.level_percent: found 101; expected {LEVEL}"),
        ("[button]\ngpio_pin = 40", "FILE: button.gpio_pin: found 40; expected a BCM pin from 0 to 27"),
        ("[ring]\nspi = 0.0", "FILE: ring.spi: found 0.0; expected text 'BUS.DEVICE', as '0.0'"),
        ("[ring]\ngpio_pins = [5, 99]", f"FILE: ring.gpio_pins.1: found 99; expected {PINS}"),
        (
            "[turn]\nmax_utterance_s = inf",
            "FILE: turn.max_utterance_s: found inf; expected seconds above 0 and below 120, when a button is stuck",
        ),
    ],
)
def test_a_mistake_in_the_file_is_one_clear_line(tmp_path, toml, line):
    assert complaint(tmp_path, toml) == line


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        (
            "READING_CORNER_RELEY__URL",
            "wss://a",
            "READING_CORNER_RELEY__URL: found unknown key 'reley.url'; expected 'relay.url'?",
        ),
        (
            "READING_CORNER_RELAY__URLL",
            "wss://a",
            "READING_CORNER_RELAY__URLL: found unknown key 'relay.urll'; expected 'relay.url'?",
        ),
        (
            "READING_CORNER_RELAY__QUERY",
            "secret",
            "READING_CORNER_RELAY__QUERY: found text that is not JSON; expected a table or a list in JSON",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path, variable, value, line):
    assert complaint(tmp_path, environ={variable: value}) == line


def test_variables_that_only_share_the_prefix_are_left_alone(tmp_path):
    others = {
        "READING_CORNER_RECORDINGS": "/somewhere",
        "READING_CORNER_TOKEN": "rct_x",
        "READING_CORNER_RELAY_TUTOR": "parrot",
    }
    assert settings(tmp_path, environ=others) == settings(tmp_path)


@pytest.mark.parametrize("card", ["", "0", "default", "hw:1,0", "plughw:Device"])
def test_a_card_is_not_chosen_by_what_changes_from_boot_to_boot(tmp_path, card):
    line = complaint(tmp_path, f"[microphone]\ncard = '{card}'")
    assert line == f"FILE: microphone.card: found {card!r}; expected {CARD}"


@pytest.mark.parametrize("card", ["auto", "Device", "0d8c:0014", "1-1.2", "USB PnP Sound Device"])
def test_a_card_is_chosen_by_what_stays(tmp_path, card):
    assert settings(tmp_path, f"[speaker]\ncard = '{card}'").speaker.card == card


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        (
            "[ring]\nkind = 'none'",
            "ring.kind: found 'none'; expected a ring, or ring.allow_no_ring = true: "
            "the microphone would be open without a light",
        ),
        (
            "[ring]\nkind = 'pwm_leds'",
            "ring.gpio_pins: found []; expected 16 or 48 pins for ring.kind 'pwm_leds', as ring.leds is 16",
        ),
        (
            "[ring]\nkind = 'pwm_leds'\nleds = 1\ngpio_pins = [5, 6]",
            "ring.gpio_pins: found [5, 6]; expected 1 or 3 pins for ring.kind 'pwm_leds', as ring.leds is 1",
        ),
        ("[ring]\ngpio_pins = [5, 6, 5]", "ring.gpio_pins: found [5, 6, 5]; expected each pin once"),
        (
            "[ring]\nkind = 'pwm_leds'\nleds = 2\ngpio_pins = [17, 5]",
            "button.gpio_pin: found 17; expected a pin that the ring leaves free (ring.gpio_pins takes 17, 5)",
        ),
        (
            "[button]\ngpio_pin = 10",
            "button.gpio_pin: found 10; expected a pin that the ring leaves free (ring.spi takes 7, 8, 9, 10, 11)",
        ),
        (
            "[ring]\nspi = '1.1'",
            "button.gpio_pin: found 17; expected a pin that the ring leaves free (ring.spi takes 17, 18, 19, 20, 21)",
        ),
        (
            "[button]\nled_gpio_pin = 8",
            "button.led_gpio_pin: found 8; expected a pin that the ring leaves free (ring.spi takes 7, 8, 9, 10, 11)",
        ),
        ("[button]\nled_gpio_pin = 17", "button.led_gpio_pin: found 17; expected another pin than button.gpio_pin"),
    ],
)
def test_what_does_not_go_together_is_one_clear_line(tmp_path, toml, line):
    assert complaint(tmp_path, toml) == f"FILE: {line}"


@pytest.mark.parametrize(
    "toml",
    [
        "[ring]\nkind = 'none'\nallow_no_ring = true",
        "[ring]\nkind = 'pwm_leds'\nleds = 1\ngpio_pins = [5, 6, 13]",
        "[ring]\nspi = '1.0'",
        "[ring]\nspi = '3.0'\n[button]\ngpio_pin = 10",
        "[ring]\nkind = 'terminal'\n[button]\ngpio_pin = 10\nled_gpio_pin = 9",
        "[ring]\ngpio_pins = [17]",
    ],
)
def test_what_goes_together_is_taken(tmp_path, toml):
    settings(tmp_path, toml)


def test_a_list_comes_from_the_environment_as_json(tmp_path):
    environ = {"READING_CORNER_RING__GPIO_PINS": "[5, 6]"}
    assert settings(tmp_path, environ=environ).ring.gpio_pins == (5, 6)


def test_everybody_who_set_a_key_is_known(tmp_path):
    file = tmp_path / "agent.toml"
    file.write_text("grade = 1\n[ring]\nleds = 12\ngpio_pins = [5]", "utf-8")
    gathered = gather(file, {"READING_CORNER_RING__LEDS": "24"}, grade=3)
    assert gathered.origin("grade") == "argument"
    assert gathered.origin("ring", "leds") == "READING_CORNER_RING__LEDS"
    assert gathered.origin("ring", "gpio_pins") == str(file)
    assert gathered.origin("language") is None


def test_a_table_comes_from_the_environment_as_json(tmp_path):
    environ = {"READING_CORNER_RELAY__QUERY": '{"Zone": "north"}'}
    assert settings(tmp_path, environ=environ).relay.query == {"Zone": "north"}


def test_a_file_that_was_named_has_to_be_there(tmp_path):
    with pytest.raises(BadInput, match=r"missing\.toml: found no such file or directory"):
        load(tmp_path / "missing.toml", {})


@pytest.mark.parametrize("file", ["/var/lib/node_exporter/corner.txt", "corner.prom"])
def test_metrics_go_where_node_exporter_reads_them_or_nowhere(tmp_path, file):
    assert settings(tmp_path).metrics_file is None
    assert settings(tmp_path, f"metrics_file = '{tmp_path}/corner.prom'").metrics_file == tmp_path / "corner.prom"
    expected = "the absolute path of a file that ends in .prom, in a folder that node_exporter reads"
    assert complaint(tmp_path, f"metrics_file = '{file}'").endswith(f"expected {expected}")


HOURS = "a list, empty for always, of text 'DAYS HH:MM-HH:MM', as 'mon-fri 07:00-15:30' or 'sat 08:00-12:00'"


def test_school_hours_are_a_list_of_lines_and_always_if_nothing_is_set(tmp_path):
    assert settings(tmp_path).hours.open == ()
    lines = ("mon-fri 07:00-15:30", "sat 8:00-12:00")
    assert settings(tmp_path, f"[hours]\nopen = {list(lines)}").hours.open == lines
    environ = {"READING_CORNER_HOURS__OPEN": '["sat 8:00-12:00"]'}
    assert settings(tmp_path, environ=environ).hours.open == lines[1:]


@pytest.mark.parametrize(
    ("toml", "found"),
    [
        ("open = ['mon-fri 07:00-15:30', 'lun 8-9']", "FILE: hours.open.1: found 'lun 8-9'; expected " + HOURS),
        ("open = 'mon-fri 07:00-15:30'", "FILE: hours.open: found 'mon-fri 07:00-15:30'; expected " + HOURS),
    ],
)
def test_hours_nobody_can_read_are_told_with_their_place(tmp_path, toml, found):
    assert complaint(tmp_path, f"[hours]\n{toml}") == found


@pytest.mark.parametrize("timezone", ["America/Puerto Rico", "America", "/etc/passwd", "../zone", ""])
def test_a_time_zone_has_to_be_one(tmp_path, timezone):
    told = complaint(tmp_path, f"[hours]\ntimezone = '{timezone}'")
    assert (
        told
        == f"FILE: hours.timezone: found {timezone!r}; expected a time zone of the IANA's, as 'America/Puerto_Rico'"
    )


def test_the_time_zone_is_puerto_ricos_until_another_is_set(tmp_path):
    assert settings(tmp_path).hours.timezone == "America/Puerto_Rico"
    assert settings(tmp_path, "[hours]\ntimezone = 'Asia/Tokyo'").hours.timezone == "Asia/Tokyo"
