"""
A Raspberry Pi 4's core, emulated, with Debian Trixie arm64 and the agent on it, for anyone without the hardware.

    python -m hw_tests.virtual_pi build                 # the disk; minutes the first time, seconds after
    python -m hw_tests.virtual_pi start                 # a machine with a fresh copy of it
    python -m hw_tests.virtual_pi ssh journalctl -u reading-corner
    python -m hw_tests.virtual_pi press                 # the button on GPIO 0; then release
    python -m hw_tests.virtual_pi unplug                # the USB speaker; then replug
    python -m hw_tests.virtual_pi network --delay 80 --jitter 20 --loss 1
    python -m hw_tests.virtual_pi tunnel 8765           # the relay that listens there is the machine's, too
    python -m hw_tests.virtual_pi status
    python -m hw_tests.virtual_pi stop

The first needs root, and Debian packages that it names. It emulates in software and needs no KVM. Real are the kernel,
ALSA, udev, gpiochip, systemd, journald, sshd and the network's faults. Not to be had here: SPI (the ring is three
pulsed lines: red, green, blue, read back from outside), a Pi's USB controller (see qemu.py), loudness, Wi-Fi, the
firmware, and the speed of a Pi.
"""
