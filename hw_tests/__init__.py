"""
Tests for a Raspberry Pi with its devices and, for some of them, a person beside it.

    sudo systemctl stop reading-corner
    pytest hw_tests                    # all of it: half an hour, with a person at the terminal
    pytest hw_tests --yes              # what needs nobody: a quarter of an hour
    pytest hw_tests/test_ring.py       # one device; the page on top of each file says how to wire it

The settings are the agent's own (`--settings FILE` for others). The result is a table and `hw-result.json` (`--result
FILE`): the board, the software, the date, and each test with its figures and, if it is not good, why.

A run ends in 0 when all that was tested is good and nothing is unknown but what was left out on purpose (by `--yes`, or
by the settings); in 6 when nothing failed but something could not be checked, such as a microphone that is not plugged
in: that is not known to be good; in 1 when something failed; in 4 when the agent's service or another run holds the
devices, or the settings are not usable.
"""
