"""The machine's Debian, made once: everything that no commit of ours changes."""

from __future__ import annotations

import lzma
import os
import shutil
from pathlib import Path
from typing import Final

from hw_tests.virtual_pi import initrd
from hw_tests.virtual_pi.archive import Archive
from hw_tests.virtual_pi.bytecode import compile_tree, fetch_compiler
from hw_tests.virtual_pi.host import Trouble, run
from hw_tests.virtual_pi.recipe import INITRD_MODULES, KERNEL, MIRROR, PACKAGES, STUBS, SUITE, SYSROOT

BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
NOTHING: Final = r"#!/bin/sh\n"
"""A program that does nothing, be it run by a shell or by Python."""

EMULATOR: Final = "/usr/bin/qemu-aarch64-static"
# A 64-bit little-endian ELF of machine 0xb7. F: the emulator is opened now, so that it is there in any root.
HANDLER: Final = (
    rb":qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
    rb":\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:" + EMULATOR.encode() + b":F"
)

OPTIONS: Final = (
    "--mode=root",
    "--variant=apt",
    "--architectures=arm64",
    '--aptopt=Apt::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


def make_base(folder: Path) -> None:
    """
    Make `root` (the file system), `kernel`, `initrd`, `sysroot` (to build wheels against) and `compiler` in `folder`.

    Raises:
        Trouble: If this is not done as root, or a program fails.

    """
    if os.geteuid() != 0:
        raise Trouble("build makes files of the machine's root and runs its programs: it has to be run as root")
    archive = Archive(folder / "work", "arm64")
    archive.unpack(SYSROOT, folder / "sysroot")
    fetch_compiler(folder / "compiler", folder / "work-compiler")
    _install(folder / "root")
    _add_kernel(archive, folder)
    compile_tree(folder / "compiler", folder / "root", "usr/lib/python3.13")
    compile_tree(folder / "compiler", folder / "root", "usr/lib/python3")
    for work in ("work", "work-compiler"):
        shutil.rmtree(folder / work)


def _install(root: Path) -> None:
    _let_arm_programs_run()
    # Host keys are made here because making them is slow under emulation; all machines of a cache have the same.
    before = 'mkdir -p "$1/etc/ssh" && ssh-keygen -q -A -f "$1"'
    after = ""
    for stub in STUBS:
        before += f' && chroot "$1" dpkg-divert --quiet --local --rename --add /{stub}'
        before += f' && mkdir -p "$(dirname "$1/{stub}")" && printf "{NOTHING}" >"$1/{stub}"'
        before += f' && chmod 755 "$1/{stub}"'
        after += f'rm "$1/{stub}" && chroot "$1" dpkg-divert --quiet --local --rename --remove /{stub} && '
    hooks = [f"--essential-hook={before}", f"--customize-hook={after}true"]
    run(["mmdebstrap", "--quiet", *OPTIONS, f"--include={','.join(PACKAGES)}", *hooks, SUITE, root, MIRROR])


def _let_arm_programs_run() -> None:
    if not (BINFMT / "register").exists():
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT])
    if not (BINFMT / "qemu-aarch64").exists():
        (BINFMT / "register").write_bytes(HANDLER)


def _add_kernel(archive: Archive, folder: Path) -> None:
    """Unpacked, not installed: its scripts would spend minutes on an initial file system that is not used."""
    kernel = archive.depends(KERNEL)
    archive.unpack([kernel], folder / "unpacked")
    archive.unpack(["busybox-static"], folder / "unpacked")
    version = kernel.removeprefix("linux-image-")
    modules = folder / "root/usr/lib/modules" / version
    shutil.copytree(folder / "unpacked/usr/lib/modules" / version, modules)
    run(["depmod", "-b", folder / "root", version])
    shutil.copy(folder / f"unpacked/boot/vmlinuz-{version}", folder / "kernel")
    paths = initrd.load_order((modules / "modules.dep").read_text(), INITRD_MODULES)
    loaded = {Path(path).name.removesuffix(".xz"): lzma.decompress((modules / path).read_bytes()) for path in paths}
    busybox = (folder / "unpacked/usr/bin/busybox").read_bytes()
    (folder / "initrd").write_bytes(initrd.initrd(busybox, loaded))
    shutil.rmtree(folder / "unpacked")
