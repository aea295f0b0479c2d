import signal
import subprocess

import numpy as np
import pytest

from agent.settings_sources import load
from hw_tests.virtual_pi import cli, ear, guest, host, initrd, netem, qemu, recipe, wheels
from hw_tests.virtual_pi.far_end import PITCHES, Tones


def read_archive(data):
    """Read a newc archive as the kernel does."""
    at, found = 0, {}
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        name = data[at + 110 : at + 109 + fields[11]].decode()
        body = -(-(at + 110 + fields[11]) // 4) * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (fields[1], data[body : body + fields[6]])
        at = -(-(body + fields[6]) // 4) * 4


def test_the_machine_takes_the_python_packages_of_a_pi_with_its_system_and_its_python():
    assert (wheels.PI.name, f"3.{wheels.PI.python}") == (recipe.SUITE, recipe.PYTHON)
    assert wheels.LOCK.exists()


def test_a_cache_key_knows_where_one_part_ends_and_the_next_begins():
    assert recipe.key(b"ab", b"c") != recipe.key(b"a", b"bc")
    assert recipe.key(b"ab", b"c") == recipe.key(b"ab", b"c")


def test_modules_are_loaded_after_those_they_need():
    dep = "fs/ext4.ko.xz: fs/jbd2.ko.xz lib/crc16.ko.xz\nfs/jbd2.ko.xz: lib/mb.ko.xz\nlib/crc16.ko.xz:\nlib/mb.ko.xz:\n"
    assert initrd.load_order(dep, ["ext4"]) == ["lib/mb.ko.xz", "fs/jbd2.ko.xz", "lib/crc16.ko.xz", "fs/ext4.ko.xz"]


def test_the_first_file_system_holds_a_script_that_loads_the_modules_in_their_order():
    files = read_archive(initrd.initrd(b"12345", {"b.ko": b"module", "a.ko": b""}))
    assert files["bin/busybox"] == (0o100755, b"12345")
    assert files["modules/b.ko"][1] == b"module"
    assert b"for module in b.ko a.ko;" in files["init"][1]
    assert files["root"] == (0o040755, b"")


@pytest.mark.parametrize(
    ("before", "by"), [("", signal.SIGTERM), ("trap '' TERM; ", signal.SIGKILL)], ids=["willing", "unwilling"]
)
def test_a_process_is_ended_by_force_if_need_be(before, by):
    with subprocess.Popen(["/bin/sh", "-c", f"{before}echo; exec sleep 60"], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        host.end(process.pid, patience_s=0.2)
        assert process.wait() == -by


def test_a_process_that_has_ended_is_fine():
    with subprocess.Popen(["/bin/true"]) as process:
        process.wait()
    host.end(process.pid, patience_s=0.2)


def test_bad_weather_meets_the_relay_only_and_both_ways():
    lines = netem.commands(netem.Weather(80, 20, 0.5), 8765)
    assert any(line.endswith("netem delay 80ms 20ms loss 0.5%") for line in lines)
    assert [line.split()[12:14] for line in lines if "filter" in line] == [["dport", "8765"], ["sport", "8765"]]


def test_good_weather_takes_away_what_there_was():
    assert netem.commands(netem.Weather(), 8765) == (netem.CLEAR,)
    assert netem.commands(netem.CUT, 8765)[0] == netem.CLEAR


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("network", netem.Weather()),
        ("network --delay 80 --loss 2.5", netem.Weather(80, 0, 2.5)),
        ("network --cut", netem.CUT),
    ],
)
def test_weather_is_typed_in(words, meant):
    assert cli.weather(cli.parser().parse_args(words.split())) == meant


def test_a_clock_that_is_no_day_is_refused(capsys):
    assert cli.parser().parse_args(["start", "--clock", "2020-01-01"]).clock == "2020-01-01"
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["start", "--clock", "yesterday"])
    assert "--clock" in capsys.readouterr().err


def test_a_command_for_the_machine_keeps_its_options():
    assert cli.parser().parse_args(["ssh", "ls", "-l"]).words == ["ls", "-l"]


def test_the_board_has_one_way_in_and_none_out(tmp_path):
    options = qemu.board(tmp_path, 2222)
    (wire,) = [option for option in options if option.startswith("user,")]
    assert "restrict=on" in wire
    assert "hostfwd=tcp:127.0.0.1:2222-:22" in wire


def test_the_device_tree_is_that_of_the_board_that_starts(tmp_path):
    options = qemu.board(tmp_path, 2222)
    started = qemu.boot(options, tmp_path, tmp_path / "kernel", tmp_path / "initrd", "2020-01-01")
    assert all(option in started for option in options)
    assert "base=2020-01-01T00:00:00" in started
    assert qemu.dump_tree(options, tmp_path / "t")[3:] == options


def test_pins_are_named_as_the_emulator_names_them():
    path = qemu.gpio_path("  /unattached (container)\n    /device[7] (pl061)\n      /pl061[0] (memory-region)\n")
    assert qemu.drive(path, 0, True) == "set_irq_in /machine/unattached/device[7] unnamed-gpio-in 0 1"
    assert qemu.read_lines() == "readl 0x90303fc"


def test_the_settings_on_the_disk_are_good(tmp_path):
    file = tmp_path / "agent.toml"
    file.write_text(guest.SETTINGS)
    settings = load(file, {})
    assert settings.ring.gpio_pins == guest.RING_LINES
    assert settings.relay_url() == f"ws://127.0.0.1:{guest.RELAY_PORT}"


def spoken(n, seconds):
    """The n-th reply of the tones, as the speaker plays it."""
    tutor = Tones(seconds, heard=[b""] * n)
    pcm = np.frombuffer(tutor.answer(b"").pcm, "<i2") / 32768
    return np.repeat(pcm, 2)  # from 24 to 48 kHz; its images are at -20 dB and less


def silence(seconds):
    return np.zeros(round(seconds * ear.RATE_HZ))


def test_replies_are_told_apart_by_their_pitches():
    replies = [sound for n in range(len(PITCHES)) for sound in (spoken(n, 0.5), silence(0.1))]
    heard = ear.heard(np.concatenate(replies))
    assert heard.order() == list(PITCHES)
    assert all(heard.ms(pitch) >= 480 for pitch in PITCHES)


def test_a_reply_that_lost_packets_of_a_millisecond_is_still_its_pitch():
    whole = spoken(1, 1.0).reshape(-1, ear.RATE_HZ // 1000)
    torn = np.delete(whole, range(0, len(whole), 9), axis=0).ravel()
    assert ear.heard(torn).ms(PITCHES[1]) >= 0.95 * 1000 * 8 / 9


def test_speech_hiss_and_silence_are_no_reply():
    hiss = np.random.default_rng(1).normal(0, 0.1, ear.RATE_HZ)
    assert ear.heard(np.concatenate([hiss, silence(1)])).order() == []


def test_what_is_played_can_be_heard_before_the_file_is_finished(tmp_path):
    wav = tmp_path / "speaker.wav"
    samples = np.rint(32767 * np.concatenate([spoken(0, 0.5), spoken(1, 0.5)])).astype("<i2")
    wav.write_bytes(bytes(ear.HEADER) + np.repeat(samples, 2).tobytes() + b"\0")
    assert ear.now(wav) == len(samples)
    assert ear.listen(wav, 0, len(samples) // 2).order() == [PITCHES[0]]
    assert ear.listen(wav, len(samples) // 2).order() == [PITCHES[1]]
