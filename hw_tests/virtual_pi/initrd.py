"""The first file system of the machine: busybox, a few modules, and a script that mounts the real one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

FOLDERS: Final = ("bin", "dev", "modules", "root")

FOLDER: Final = 0o040755
PROGRAM: Final = 0o100755

# Without -t, mount would look into /proc, which is not there, and say that the disk is not there.
INIT: Final = """\
#!/bin/busybox sh
for module in {modules}; do /bin/busybox insmod /modules/$module; done
/bin/busybox mount -t devtmpfs none /dev
while [ ! -b /dev/vda ]; do /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 -o rw /dev/vda /root
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""


def load_order(modules_dep: str, wanted: Iterable[str]) -> list[str]:
    """List the paths of modules, as in `modules.dep`, so that each comes after those it needs."""
    needs = {path: rest.split() for path, _, rest in (line.partition(":") for line in modules_dep.splitlines())}
    by_name = {PurePosixPath(path).name.split(".")[0]: path for path in needs}
    order: dict[str, None] = {}

    def put(path: str) -> None:
        for needed in needs[path]:
            put(needed)
        order.setdefault(path)

    for name in wanted:
        put(by_name[name])
    return list(order)


def initrd(busybox: bytes, modules: Mapping[str, bytes]) -> bytes:
    """Make the archive; `modules` are loaded in the order in which they stand."""
    files = {"bin/busybox": busybox, "init": INIT.format(modules=" ".join(modules)).encode()}
    files |= {f"modules/{name}": module for name, module in modules.items()}
    entries = [(name, FOLDER, b"") for name in FOLDERS] + [(name, PROGRAM, data) for name, data in files.items()]
    return b"".join(_entry(number, *entry) for number, entry in enumerate(entries, 1)) + _entry(0, "TRAILER!!!", 0, b"")


def _entry(inode: int, name: str, mode: int, data: bytes) -> bytes:
    """One file of a "newc" archive (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel)."""
    path = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
