"""
The mixers of real cards, from what `amixer` prints for them, in memory.

Control names and steps of the dongle are those of a C-Media 0d8c:0014, of the microphone those of a 0d8c:013c
(alexa-pi/AlexaPi#98).
"""

from agent.devices.levels import Applied, ControlState, applied, state
from agent.errors import DeviceError


class Control:
    """A control with levels for some directions and switches for some; refuses what a card would refuse."""

    def __init__(self, name, switches="", channels=1, **ranges):
        self.name, self.channels = name, channels
        self.ranges = {direction: (0, top) for direction, top in ranges.items()}
        self.now = {direction: [top] * channels for direction, top in ranges.items()}
        self.on = dict.fromkeys(switches.split(), False)

    def steps(self, direction):
        return self.ranges.get(direction)

    def levels(self, direction):
        return self.now[direction]

    def set_level(self, direction, level):
        assert 0 <= level <= self.ranges[direction][1]
        self.now[direction] = [level] * self.channels

    def has_switch(self, direction):
        return direction in self.on

    def switch(self, direction, on):
        assert direction in self.on
        self.on[direction] = on


class Deaf(Control):
    """Says yes and does nothing, as the binding does when the card refuses."""

    def set_level(self, direction, level):
        pass


class Gone(Control):
    def levels(self, direction):
        raise DeviceError("No such device")

    def set_level(self, direction, level):
        raise DeviceError("No such device")

    def switch(self, direction, on):
        raise DeviceError("No such device")


def microphone():
    return [Control("Mic", "capture", capture=16), Control("Auto Gain Control", "playback")]


def dongle():
    return [
        Control("Speaker", "playback", channels=2, playback=37),
        Control("Mic", "capture playback", capture=35, playback=31),
        Control("Auto Gain Control", "playback"),
    ]


def test_gain_is_set_and_the_microphone_switched_on():
    controls = microphone()
    assert applied(controls, capture_gain_percent=80) == Applied(("Mic gain 80 % (step 12)", "Mic on"))
    assert (controls[0].now, controls[0].on) == ({"capture": [12]}, {"capture": True})


def test_automatic_gain_is_found_though_it_calls_itself_playback():
    controls = microphone()
    for wanted, said in ((True, "on"), (False, "off")):
        assert applied(controls, agc=wanted) == Applied((f"Auto Gain Control {said}",))
        assert controls[1].on == {"playback": wanted}


def test_what_is_not_asked_for_is_left_alone():
    controls = dongle()
    assert applied(controls) == Applied()
    assert [control.now for control in controls] == [control.now for control in dongle()]


def test_no_playback_control_is_ever_above_the_level_however_coarse_its_steps():
    for percent in range(101):
        controls = [*dongle(), Control("Headphone", playback=3), Control("Bass", playback=1)]
        applied(controls, level_percent=percent)
        for control in controls:
            for level in control.now.get("playback", ()):
                assert level * 100 <= percent * control.ranges["playback"][1]


def test_the_speaker_is_set_on_all_channels_and_the_students_own_voice_not_switched_on():
    controls = dongle()
    controls[0].now["playback"] = [0, 37]
    assert applied(controls, level_percent=70) == Applied(
        ("Speaker level 70 % (step 25)", "Speaker on", "Mic level 70 % (step 21)")
    )
    assert controls[0].now == {"playback": [25, 25]}
    assert controls[1].on == {"capture": False, "playback": False}
    assert controls[1].now["capture"] == [35]


def test_other_playback_controls_are_lowered_but_never_raised():
    controls = dongle()
    controls[1].now["playback"] = [5]
    applied(controls, level_percent=70)
    assert controls[1].now["playback"] == [5]


def test_level_zero_is_silence():
    controls = dongle()
    applied(controls, level_percent=70)
    applied(controls, level_percent=0)
    assert (controls[0].now, controls[0].on) == ({"playback": [0, 0]}, {"playback": False})


def test_a_card_with_names_of_its_own_is_set_by_those():
    controls = [Control("Headset", playback=10), Control("Headset", "playback capture", capture=4, playback=20)]
    result = applied(controls, level_percent=50, capture_gain_percent=50)
    assert [control.now["playback"] for control in controls] == [[5], [10]]
    assert controls[1].now["capture"] == [2]
    assert result.failed == ()


def test_a_card_without_controls_is_told_not_raised():
    assert applied([], capture_gain_percent=50, agc=False, level_percent=50) == Applied(
        failed=("capture gain: no such control", "automatic gain: no such switch", "playback level: no such control")
    )
    controls = [Control("Mic", playback=100)]
    assert applied(controls, level_percent=50).failed == ("playback level: no such control",)
    assert controls[0].now["playback"] == [50]


def test_a_card_that_says_yes_and_does_nothing_is_found_out():
    result = applied([Deaf("Speaker", playback=100)], level_percent=70)
    assert result == Applied(failed=("Speaker level stays at step 100, 70 % is 70",))


def test_a_card_that_goes_away_meanwhile_is_told_not_raised():
    controls = [
        Gone("Speaker", "playback", playback=37),
        Gone("Mic", capture=35, playback=31),
        Gone("Auto Gain Control", "playback"),
    ]
    result = applied(controls, capture_gain_percent=80, agc=False, level_percent=70)
    assert result.done == ()
    assert result.failed == (
        "Mic gain: No such device",
        "Auto Gain Control: No such device",
        "Speaker level: No such device",
        "Speaker: No such device",
        "Mic level: No such device",
    )


def test_how_the_controls_stand():
    controls = dongle()
    controls[0].now["playback"] = [18, 20]
    assert [state(control) for control in controls] == [
        ControlState("Speaker", None, 54, ("playback",)),
        ControlState("Mic", 100, 100, ("capture", "playback")),
        ControlState("Auto Gain Control", None, None, ("playback",)),
    ]
