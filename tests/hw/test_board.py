"""What the firmware and the kernel say of a board, read from their own words."""

import pytest

from hw_tests.board import hindrances, is_pi, ticks


@pytest.mark.parametrize(
    ("said", "now", "before"),
    [
        ("throttled=0x0", set(), set()),
        ("throttled=0x50000", set(), {"under-voltage", "throttled"}),
        ("throttled=0x50005", {"under-voltage", "throttled"}, {"under-voltage", "throttled"}),
        ("throttled=0xe0008", {"too warm"}, {"capped", "throttled", "too warm"}),
    ],
)
def test_bits_of_the_firmware_are_hindrances(said, now, before):
    assert hindrances(lambda command: said) == (now, before)


@pytest.mark.parametrize("said", [None, "", "VCHI initialization failed"])
def test_a_firmware_that_does_not_say_is_not_a_good_one(said):
    assert hindrances(lambda command: said) is None


def test_waiting_is_not_work(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/stat").write_text("cpu  10 20 30 400 50 6 7 8 0 0\ncpu0 1 2 3\n")
    assert ticks(tmp_path) == (81, 531)


@pytest.mark.parametrize(("model", "is_one"), [("Raspberry Pi 5 Model B Rev 1.0\0", True), ("Orange Pi Zero\0", False)])
def test_a_pi_says_so(tmp_path, model, is_one):
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    assert not is_pi(tmp_path)
    (tmp_path / "proc/device-tree/model").write_text(model)
    assert is_pi(tmp_path) is is_one
