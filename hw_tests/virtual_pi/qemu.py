"""The board: how the emulator is called, and where its button and its ring are. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MEMORY_MB: Final = 1024
"""Of a Pi 4, the smallest ever sold."""

CORES: Final = 2

REVISION: Final = "b03115"
"""A Pi 4B 1.5 of 2 GB: gpiozero wants to know its header."""

USB: Final = "pci-ohci"
"""
The speaker's controller; `guest.SOUND` says what it needs. A Pi 4 has an xHCI, but after an underrun the speaker at
QEMU's may stand still for a second, and is told as lost. In a trace of the guest, transfers waited behind packets that
Linux had taken back, of which it makes No Ops; by its source QEMU reads a frame number of 0 there, and waits up to 2 s.
"""

SPEAKER: Final = "speaker"
SPEAKER_BUS: Final = "usb.0"
SPEAKER_PORT: Final = "1"
"""Always the same socket: the emulator would take the next free one, and the card be called after that."""

GPIO_DATA: Final = 0x09030000
"""The PL061 of the board `virt`. Bits 2 to 9 of an address choose the lines that are read."""

LINE_MASK_SHIFT: Final = 2

COMMAND_LINE: Final = "console=ttyAMA0 quiet systemd.show_status=off kpti=off mitigations=off"
"""
Of the kernel. It would hide itself from programs (KPTI) because its address is random, though a Cortex-A72 needs no
such thing; then every system call changes the address space, and QEMU forgets all addresses that it had translated.
Before and after on the same host: the agent that spoke took 149 and 82 % of a core, and a reply of 6 s had 284 to 461
and 7 to 82 underruns.
"""


def board(folder: Path, port: int) -> list[str]:
    """
    List the options that make the board.

    Args:
        folder: Where its files are.
        port: Where its sshd is, on the loopback.

    """
    return [
        *("-cpu", "cortex-a72", "-smp", str(CORES), "-m", str(MEMORY_MB)),
        *("-nodefaults", "-no-user-config", "-display", "none"),
        *("-serial", f"file:{folder / 'console.log'}"),
        # No way out but this one way in.
        *("-netdev", f"user,id=wire,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"),
        *("-device", "virtio-net-pci,netdev=wire,romfile="),
        *("-drive", f"if=none,id=card,file={folder / 'disk.qcow2'},discard=unmap"),
        *("-device", "virtio-blk-pci,drive=card"),
        *("-device", f"{USB},id=usb"),
        *("-audiodev", f"wav,id=ear,path={folder / 'speaker.wav'},out.frequency=48000"),
        *("-device", f"usb-audio,audiodev=ear,id={SPEAKER},bus={SPEAKER_BUS},port={SPEAKER_PORT}"),
        # Resets the machine if somebody started it and then lets it be, as the one of a Pi.
        *("-device", "i6300esb"),
    ]


def dump_tree(options: list[str], tree: Path) -> list[str]:
    """Have the emulator write down the device tree of the board, which differs with its devices."""
    return ["qemu-system-aarch64", "-M", f"virt,dumpdtb={tree}", *options]


def boot(options: list[str], folder: Path, kernel: Path, initrd: Path, clock: str | None) -> list[str]:
    """
    Start the board in the background.

    Args:
        options: As `board` lists them.
        folder: Where the device tree is, and sockets and the process id will be.
        kernel: The kernel.
        initrd: Its first file system.
        clock: What a battery would have kept, such as "2020-01-01"; the time of this machine if there is none.

    """
    return [
        *("qemu-system-aarch64", "-M", "virt", "-accel", "tcg,thread=multi,tb-size=256", *options),
        *("-dtb", str(folder / "board.dtb"), "-kernel", str(kernel), "-initrd", str(initrd)),
        *("-append", COMMAND_LINE),
        *("-rtc", f"base={clock}T00:00:00" if clock else "base=utc"),
        # The key of this machine alone, which systemd lays down before sshd starts (systemd.system-credentials(7)).
        *("-fw_cfg", f"name=opt/io.systemd.credentials/ssh.authorized_keys.root,file={folder / 'key.pub'}"),
        *("-qmp", f"unix:{folder / 'monitor'},server=on,wait=off"),
        *("-qtest", f"unix:{folder / 'pins'},server=on,wait=off", "-qtest-log", "none"),
        *("-pidfile", str(folder / "pid"), "-daemonize"),
    ]


def drive(gpio: str, line: int, high: bool) -> str:
    """Pull a line of the header from outside: a command of qtest."""
    return f"set_irq_in {gpio} unnamed-gpio-in {line} {int(high)}"


def read_lines() -> str:
    """Ask for all eight lines: a command of qtest."""
    return f"readl {GPIO_DATA + (0xFF << LINE_MASK_SHIFT):#x}"


def gpio_path(qom_tree: str) -> str:
    """Find the header's chip in what the monitor says of `info qom-tree`."""
    found = re.search(r"/(device\[\d+\]) \(pl061\)", qom_tree)
    if found is None:
        raise LookupError("no pl061 on this board")
    return f"/machine/unattached/{found[1]}"
