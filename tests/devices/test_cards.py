"""Cards are found in trees of files that are laid out as the kernel does on a Pi."""

import os

import pytest

from agent.devices.cards import UsbIdentity, choose, control_name, holder, listed, pcm_name, stable_names
from agent.errors import BadInput, DeviceMissing

HUB = "devices/platform/scb/fd500000.pcie/usb1/1-1"


class Pi:
    """A Raspberry Pi's `/proc` and `/sys`, into which cards are plugged."""

    def __init__(self, root):
        self.root, self.lines = root, []

    def card(self, alsa_id, name, pcms, port=None, product=None, serial=None, driver="USB-Audio"):
        index = len(self.lines)
        self.lines.append(
            f"{index:2} [{alsa_id:15}]: {driver} - {name}\n{'':22}C-Media at usb-0000:01:00.0-1.3, full speed\n"
        )
        self.write("proc/asound/cards", "".join(self.lines))
        for pcm in pcms.split():
            self.write(f"proc/asound/card{index}/{pcm}/sub0/status", "closed\n")
        where = f"sys/{HUB}/{port}/{port}:1.0" if port else "sys/devices/platform/soc/sound"
        (self.root / where / f"sound/card{index}").mkdir(parents=True)
        if port:
            vendor, number = product.split(":")
            facts = {"idVendor": vendor, "idProduct": number} | ({"serial": serial} if serial else {})
            for fact, value in facts.items():
                self.write(f"sys/{HUB}/{port}/{fact}", value + "\n")
            for fact in ("idVendor", "idProduct"):
                self.write(f"sys/{HUB}/{fact}", "2109\n")
        self.link(f"sys/class/sound/card{index}", self.root / where / f"sound/card{index}")
        self.link(f"sys/class/sound/card{index}/device", self.root / where)
        return self

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def link(self, path, to):
        link = self.root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(to, link.parent.resolve()))

    def listed(self):
        return listed(self.root)

    def hdmi(self):
        return self.card("vc4hdmi0", "vc4-hdmi-0", "pcm0p", driver="vc4-hdmi")

    def headphones(self):
        return self.card("Headphones", "bcm2835 Headphones", "pcm0p", driver="bcm2835_headpho")

    def dongle(self, alsa_id="Device", port="1-1.3"):
        return self.card(alsa_id, "USB Audio Device", "pcm0c pcm0p", port, "0d8c:0014")

    def jabra(self, port="1-1.2"):
        return self.card("USB", "Jabra SPEAK 510 USB", "pcm0c pcm0p", port, "0b0e:0420", "745C4B")


@pytest.fixture
def pi(tmp_path):
    return Pi(tmp_path)


def chosen(pi, wish, direction="capture"):
    return choose(pi.listed(), wish, direction).card.id


def refused(pi, wish, error, direction="capture"):
    with pytest.raises(error) as trouble:
        choose(pi.listed(), wish, direction)
    return str(trouble.value)


def test_a_usb_card_is_known_by_product_port_and_serial_not_by_those_of_its_hub(pi):
    (card,) = pi.jabra().listed()
    assert card.usb == UsbIdentity("0b0e:0420", "1-1.2", "745C4B")
    assert (card.id, card.name, card.has_capture, card.has_playback) == ("USB", "Jabra SPEAK 510 USB", True, True)
    assert stable_names(card, [card]) == ("usb:0b0e:0420", "port:1-1.2", "USB")


def test_hdmi_comes_last_whatever_its_index(pi):
    assert [card.id for card in pi.hdmi().headphones().dongle().listed()] == ["Device", "Headphones", "vc4hdmi0"]


def test_no_sound_at_all_is_an_empty_list(pi):
    assert pi.listed() == ()
    pi.write("proc/asound/cards", "--- no soundcards ---\n")
    assert pi.listed() == ()


def test_a_card_that_is_going_away_while_it_is_looked_at_is_no_error(pi):
    pi.write("proc/asound/cards", " 1 [Device         ]: USB-Audio - USB Audio Device\n")
    (card,) = pi.listed()
    assert not card.has_capture
    assert card.usb is None


def test_auto_takes_the_only_usb_card_and_says_why(pi):
    cards = pi.hdmi().headphones().dongle().listed()
    for direction, role in (("capture", "microphone"), ("playback", "speaker")):
        found = choose(cards, "auto", direction)
        assert (found.card.id, found.why) == ("Device", f"the only USB {role}")


def test_auto_looks_at_cards_with_the_wanted_direction_only(pi):
    pi.card("Mic", "USB Microphone", "pcm0c", "1-1.1", "17a0:0310")
    pi.card("Box", "USB Speaker", "pcm0p", "1-1.2", "4c4a:4155")
    assert (chosen(pi, "auto", "capture"), chosen(pi, "auto", "playback")) == ("Mic", "Box")


def test_auto_never_takes_what_is_not_usb_but_says_what_to_write_instead(pi):
    trouble = refused(pi.hdmi().headphones(), "auto", DeviceMissing, "playback")
    assert trouble == (
        "speaker.card: 'auto' finds no USB speaker; plugged in: Headphones (bcm2835 Headphones), vc4hdmi0 (vc4-hdmi-0)"
    )
    assert refused(pi, "auto", DeviceMissing).endswith("no microphone is plugged in")


def test_auto_does_not_guess_between_two(pi):
    trouble = refused(pi.dongle().jabra(), "auto", BadInput)
    assert trouble == (
        "microphone.card: found 'auto' and 2 USB cards to choose from; "
        "expected one of usb:0d8c:0014 (USB Audio Device), usb:0b0e:0420 (Jabra SPEAK 510 USB)"
    )


def test_a_card_can_be_meant_by_id_product_port_or_part_of_its_name(pi):
    pi.dongle().jabra().headphones()
    for wish in ("USB", "usb:0B0E:0420", "port:1-1.2", "jabra"):
        assert chosen(pi, wish) == "USB"
    assert chosen(pi, "Headphones", "playback") == "Headphones"


def test_equal_cards_are_told_apart_by_their_port_only(pi):
    pi.dongle("Device_1", "1-1.4").dongle("Device", "1-1.3")
    assert [stable_names(card, pi.listed()) for card in pi.listed()] == [("port:1-1.4",), ("port:1-1.3",)]
    assert chosen(pi, "port:1-1.3") == "Device"
    assert chosen(pi, "port:1-1.4") == "Device_1"
    expected = "expected one of port:1-1.4 (USB Audio Device), port:1-1.3 (USB Audio Device)"
    for wish in ("auto", "usb:0d8c:0014", "audio device"):
        assert expected in refused(pi, wish, BadInput)
    assert choose(pi.listed(), "Device", "capture").why.endswith(
        "may be another card after a restart: port:1-1.3 is safer"
    )


def test_two_products_that_take_the_same_id_are_not_told_apart_by_it(pi):
    pi.dongle("Device").card("Device_1", "USB PnP Sound Device", "pcm0c", "1-1.4", "0d8c:013c")
    assert [stable_names(card, pi.listed())[0] for card in pi.listed()] == ["usb:0d8c:0014", "usb:0d8c:013c"]
    assert all(not name.startswith("Device") for card in pi.listed() for name in stable_names(card, pi.listed()))


@pytest.mark.parametrize("wish", ["Jabra", "port:1-1.9", "usb:0b0e:0420"])
def test_a_card_that_is_not_plugged_in_may_still_come(pi, wish):
    assert f"{wish!r} is not plugged in" in refused(pi.dongle(), wish, DeviceMissing)


def test_a_speaker_is_no_microphone(pi):
    trouble = refused(pi.headphones().dongle(), "Headphones", DeviceMissing)
    assert "bcm2835 Headphones is no microphone" in trouble
    assert "usb:0d8c:0014" in trouble


@pytest.mark.parametrize("wish", ["", " ", "1", "default", "hw:1,0", "plughw:CARD=Device", "usb:0d8c", "port:3"])
def test_an_index_default_and_other_names_of_alsa_are_refused_with_what_to_write(pi, wish):
    trouble = refused(pi.dongle(), wish, BadInput)
    assert f"found {wish!r}" in trouble
    assert "usb:0d8c:0014 (USB Audio Device)" in trouble


def test_alsa_is_told_the_id_and_the_first_pcm_of_the_direction(pi):
    pi.card("Hat", "seeed 2mic", "pcm1c pcm10c pcm0p pcm2p", driver="simple-card")
    (card,) = pi.listed()
    assert pcm_name(card, "capture") == "hw:CARD=Hat,DEV=1"
    assert pcm_name(card, "playback") == "hw:CARD=Hat,DEV=0"
    assert control_name(card) == "hw:CARD=Hat"


def test_the_holder_of_a_card_is_the_process_not_the_thread_that_opened_it(pi):
    (card,) = pi.dongle().listed()
    pi.write("proc/asound/card0/pcm0p/sub1/status", "state: RUNNING\nowner_pid   : 824\ntrigger_time: 10.7\n")
    pi.write("proc/824/status", "Name:\talsa-sink-USB\nTgid:\t812\nPid:\t824\n")
    pi.write("proc/812/comm", "pulseaudio\n")
    assert holder(card, "playback", pi.root) == "pulseaudio (pid 812)"
    assert holder(card, "capture", pi.root) is None


def test_a_holder_that_is_hidden_from_us_is_known_by_its_number(pi):
    (card,) = pi.dongle().listed()
    pi.write("proc/asound/card0/pcm0c/sub0/status", "state: PREPARED\nowner_pid   : 824\n")
    assert holder(card, "capture", pi.root) == "process 824"
