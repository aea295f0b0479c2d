"""What every ring keeps to. Fixture: `ring`."""

import pytest

DIM_GREEN = (0, 20, 0)


class RingContract:
    def test_it_shows_one_colour_per_led(self, ring):
        ring.show([DIM_GREEN] * ring.leds)

    def test_too_few_or_too_many_colours_are_refused(self, ring):
        for leds in (ring.leds - 1, ring.leds + 1):
            with pytest.raises(ValueError, match="colours"):
                ring.show([DIM_GREEN] * leds)

    def test_closing_twice_is_fine(self, ring):
        ring.close()
        ring.close()
