"""Which Wi-Fi is in use, and what `iw` says of it."""

import pytest

from agent.board.wifi import links, power_save
from tests.check.tree import tree


def test_only_wifi_that_is_up_is_asked(tmp_path):
    assert links(tmp_path) is None
    net = {
        f"sys/class/net/{name}/operstate": state for name, state in (("eth0", "up"), ("wlan0", "up"), ("wlan1", "down"))
    }
    root = tree(tmp_path, net | {f"sys/class/net/{name}/phy80211/index": "0" for name in ("wlan0", "wlan1")})
    assert links(root) == ("wlan0",)


@pytest.mark.parametrize(
    ("said", "saves"), [("Power save: on", True), ("Power save: off", False), ("?", None), ("", None), (None, None)]
)
def test_what_iw_does_not_say_is_not_known(said, saves):
    asked = []
    assert power_save(["wlan0"], lambda command: asked.append(command) or said) == {"wlan0": saves}
    assert asked == [["iw", "dev", "wlan0", "get", "power_save"]]
