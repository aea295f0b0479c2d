"""
What every button keeps to.

Fixtures: `button`, which is up; `press` and `release`, which move it and return when it has told its watchers.
"""

from itertools import pairwise


class ButtonContract:
    def test_it_is_up_until_pressed(self, button, press, release):
        assert not button.is_down()
        press()
        assert button.is_down()
        release()
        assert not button.is_down()

    def test_watchers_hear_of_every_change_in_order(self, button, press, release):
        told = []
        button.watch(lambda down, at: told.append((down, at)))
        press()
        release()
        levels, moments = zip(*told, strict=True)
        assert levels[0] is True
        assert levels[-1] is False
        assert all(one != other for one, other in pairwise(levels))
        assert list(moments) == sorted(moments)

    def test_a_closed_button_tells_nobody(self, button, press):
        told = []
        button.watch(lambda down, at: told.append(down))
        button.close()
        button.close()
        press()
        assert told == []
