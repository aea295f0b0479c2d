"""What IT is told, of a Raspberry Pi made of files."""

import io
import json
from contextlib import nullcontext

import pytest
from rich.console import Console

from agent.devices.levels import ControlState
from agent.devices.listing import Auto, as_dict, devices, run


class Speaker:
    name = "Speaker"

    def steps(self, direction):
        return (0, 37) if direction == "playback" else None

    def levels(self, direction):
        return [37, 37]

    def has_switch(self, direction):
        return False


class AutomaticGain:
    name = "Auto Gain Control"

    def steps(self, direction):
        return None

    def has_switch(self, direction):
        return direction == "playback"


MIXERS = {"hw:CARD=Device": [Speaker(), AutomaticGain()]}


def mixer(device):
    return nullcontext(MIXERS.get(device, ()))


@pytest.fixture
def pi(tmp_path):
    def write(path, text=""):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    cards = " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n                      vc4-hdmi-0\n"
    cards += " 1 [Device         ]: USB-Audio - USB Audio [v2]\n                      C-Media\n"
    write("proc/asound/cards", cards)
    write("proc/asound/card0/pcm0p/sub0/status")
    write("proc/asound/card1/pcm0p/sub0/status")
    write("proc/asound/card1/pcm0c/sub0/status")
    write("sys/devices/usb1/1-1.3/idVendor", "0d8c\n")
    write("sys/devices/usb1/1-1.3/idProduct", "0014\n")
    write("sys/devices/usb1/1-1.3/1-1.3:1.0/sound/card1/id")
    (tmp_path / "sys/class/sound").mkdir(parents=True)
    (tmp_path / "sys/devices/usb1/1-1.3/1-1.3:1.0/sound/card1/device").symlink_to("../..")
    (tmp_path / "sys/class/sound/card1").symlink_to("../../devices/usb1/1-1.3/1-1.3:1.0/sound/card1")
    write("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    for node in ("gpiochip0", "gpiochip10", "spidev0.0", "spidev10.0"):
        write(f"dev/{node}")
    (tmp_path / "dev/gpiochip4").symlink_to("gpiochip0")
    return tmp_path


def printed(root, as_json):
    console = Console(file=io.StringIO(), width=160)
    assert run(as_json, console, root, mixer) == 0
    return console.file.getvalue()


def test_each_card_has_the_names_to_put_into_the_settings(pi):
    cards = {one.card.id: one for one in devices(pi, mixer).cards}
    assert cards["Device"].settings == ("usb:0d8c:0014", "port:1-1.3", "Device")
    assert cards["vc4hdmi0"].settings == ("vc4hdmi0",)
    assert cards["Device"].mixer == (
        ControlState("Speaker", None, 100, ()),
        ControlState("Auto Gain Control", None, None, ("playback",)),
    )
    assert cards["vc4hdmi0"].mixer == ()


def test_what_auto_would_take_and_why(pi):
    assert devices(pi, mixer).microphone == Auto("usb:0d8c:0014", "the only USB microphone")
    (pi / "sys/devices/usb1/1-1.3/idVendor").unlink()
    speaker = devices(pi, mixer).speaker
    assert speaker.takes is None
    assert "no USB speaker; plugged in: Device (USB Audio [v2]), vc4hdmi0 (vc4-hdmi-0)" in speaker.why


def test_a_chip_is_listed_once_under_its_own_number_and_spi_as_the_settings_want_it(pi):
    found = devices(pi, mixer)
    assert found.gpio_chips == ("/dev/gpiochip0", "/dev/gpiochip10")
    assert found.spi == ("0.0", "10.0")
    assert found.model == "Raspberry Pi 5 Model B Rev 1.0"


def test_as_json_it_is_the_same_and_can_be_read_by_a_program(pi):
    read = json.loads(printed(pi, as_json=True))
    assert read == as_dict(devices(pi, mixer))
    assert read["speaker"] == {"auto": "usb:0d8c:0014", "why": "the only USB speaker"}
    assert read["cards"][0]["usb"] == {"vendor_product": "0d8c:0014", "port": "1-1.3", "serial": None}
    assert read["cards"][0]["mixer"][0] == {
        "name": "Speaker",
        "gain_percent": None,
        "level_percent": 100,
        "switches": [],
    }
    assert read["cards"][1]["microphone"] is False


def test_as_a_table_it_shows_all_of_it_and_takes_no_name_for_markup(pi):
    text = printed(pi, as_json=False)
    for told in (
        "usb:0d8c:0014",
        "port:1-1.3",
        "USB Audio [v2]",
        "[Device]",
        "Speaker: level 100 %",
        "Auto Gain Control: switch",
        "usb:0d8c:0014, the only USB microphone",
        "Raspberry Pi 5 Model B",
        "/dev/gpiochip10",
        "0.0, 10.0",
    ):
        assert told in text


def test_a_machine_without_any_of_it_says_so(tmp_path):
    text = printed(tmp_path, as_json=False)
    for told in ("no sound card", "no microphone is plugged in", "no button here", "raspi-config"):
        assert told in text
    assert json.loads(printed(tmp_path, as_json=True))["model"] is None
