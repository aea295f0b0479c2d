"""
A device to provision: a Debian that boots its own systemd and sshd in namespaces of this machine. Linux, as root.

    python -m tests.provisioning.target build [trixie|bookworm]        make the system, once: 3 minutes, 500 MB
    python -m tests.provisioning.target boot [trixie|bookworm] [PORT]  boot a copy of it, until Ctrl-C

Systems are cached below READING_CORNER_TARGETS, or ~/.cache/reading-corner/targets. A target is a layer above one of
them that is thrown away. It shares this machine's network; its sshd is on 127.0.0.1, and knows the user `it` by a key.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("READING_CORNER_TARGETS") or Path.home() / ".cache" / "reading-corner" / "targets")
MIRROR = os.environ.get("READING_CORNER_MIRROR", "http://deb.debian.org/debian")

PACKAGES = (
    "ca-certificates,dbus,iproute2,kmod,openssh-server,procps,python3,python3-apt,python3-venv,sudo,"
    "systemd-sysv,systemd-timesyncd,udev"
)
"""What Raspberry Pi OS Lite has, as far as it matters here; the role brings the rest."""

PORT = 2200
PATIENCE_S = 60

AGENT = Path(__file__).with_name("agent_on_a_target.py")

AGENT_UNIT = f"""[Service]
ExecStart=
ExecStart=/opt/reading-corner/current/venv/bin/python /usr/local/lib/{AGENT.name}
"""

PREPARE = r"""
set -eu
useradd --create-home --shell /bin/bash it
echo 'it ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/it
rm -f /etc/machine-id /etc/ssh/ssh_host_*
: >/etc/machine-id
apt-get clean
# What would reach out of the namespaces: the kernel's settings and the clock are this machine's.
systemctl mask systemd-sysctl.service systemd-udev-trigger.service getty.target console-getty.service
mkdir -p /etc/systemd/system/systemd-timesyncd.service.d
cat >/etc/systemd/system/systemd-timesyncd.service.d/target.conf <<'X'
[Unit]
ConditionVirtualization=
ConditionCapability=
[Service]
Type=simple
ExecStart=
ExecStart=/bin/sleep infinity
WatchdogSec=0
X
"""

BOOT = r"""
set -eu
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
# PrivateDevices= copies it, and fails with "/dev: No such file" without.
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
cd "$root"
pivot_root . mnt
umount -l /mnt
# Services get their mounts as slaves of these: without, none of LoadCredential= and PrivateTmp= would be seen by them.
mount --make-rshared /
export container=unshared
exec /lib/systemd/systemd --system --log-target=journal --show-status=0
"""


def build(suite):
    """Make a system, if it is not there; return where it is."""
    system = CACHE / suite
    if system.exists():
        return system
    CACHE.mkdir(parents=True, exist_ok=True)
    half = CACHE / f"{suite}.half"
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, half, MIRROR], check=True)
    subprocess.run(["chroot", half, "bash", "-c", PREPARE], check=True)
    half.rename(system)
    return system


@dataclass(frozen=True)
class Target:
    """A device that runs; `init` is its systemd, `key` opens its user `it`."""

    root: Path
    port: int
    init: int
    key: Path

    def run(self, *command):
        """Run a command in it, as root; return what it prints."""
        enter = ["nsenter", f"--target={self.init}", "--all", "--root", "--wd=/"]
        done = subprocess.run([*enter, *command], capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def path(self, inside):
        """Where this machine sees a file of it."""
        return Path(f"/proc/{self.init}/root{inside}")


@contextmanager
def booted(suite="trixie", port=PORT):
    """Boot a copy of a system; it is gone at the end."""
    system = build(suite)
    with tempfile.TemporaryDirectory(prefix="reading-corner-target-") as folder:
        here = Path(folder)
        root, key = here / "root", here / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        with layered(system, here, root), _group(f"reading-corner-{os.getpid()}-{port}") as group:
            _let_in(root, port, key.with_suffix(".pub").read_text())
            _give_hands(root)
            with _running(root, group) as init:
                yield _answering(Target(root, port, init, key))


@contextmanager
def layered(system, here, root):
    """A system to be changed and thrown away."""
    for name in ("root", "upper", "work"):
        (here / name).mkdir()
    layers = f"lowerdir={system},upperdir={here / 'upper'},workdir={here / 'work'}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, root], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)


@contextmanager
def _group(name):
    """A group of processes of its own, which a systemd needs."""
    top = next(
        path for path in map(Path, ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")) if (path / "cgroup.procs").exists()
    )
    group = top / name
    group.mkdir()
    try:
        yield group
    finally:
        (group / "cgroup.kill").write_text("1")
        _wait(lambda: "populated 0" in (group / "cgroup.events").read_text(), "the end of a target")
        for below in sorted(group.rglob("*/"), key=lambda path: -len(path.parts)):
            below.rmdir()
        group.rmdir()


def _let_in(root, port, key):
    ssh = root / "etc/ssh/sshd_config.d"
    ssh.mkdir(exist_ok=True)
    (ssh / "05-target.conf").write_text(f"Port {port}\nListenAddress 127.0.0.1\n")
    (root / "home/it/.ssh").mkdir()
    (root / "home/it/.ssh/authorized_keys").write_text(key)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    subprocess.run(["chroot", root, "ssh-keygen", "-A"], check=True, capture_output=True)
    subprocess.run(["chroot", root, "chown", "-R", "it:it", "/home/it/.ssh"], check=True)


def _give_hands(root):
    unit = root / "etc/systemd/system/reading-corner.service.d"
    unit.mkdir(exist_ok=True)
    (unit / "90-target.conf").write_text(AGENT_UNIT)
    shutil.copy(AGENT, root / "usr/local/lib")


@contextmanager
def _running(root, group):
    spaces = ["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--cgroup", "--propagation=private"]
    enter = f'echo $$ >{group}/cgroup.procs; exec unshare {" ".join(spaces)} bash -c "$0" bash "$1"'
    process = subprocess.Popen(["bash", "-c", enter, BOOT, root])
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        _wait(lambda: children.read_text().strip(), "its systemd")
        yield int(children.read_text().split()[0])
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _answering(target):
    ssh = ["ssh", "-p", str(target.port), "-i", target.key, "-o", "StrictHostKeyChecking=no"]
    ssh += ["-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "it@127.0.0.1", "true"]
    _wait(lambda: subprocess.run(ssh, capture_output=True, check=False).returncode == 0, "its sshd")
    return target


def _wait(until, what):
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S} s")
        time.sleep(0.2)


def main(verb="", suite="trixie", port=str(PORT)):
    if verb == "build":
        print(build(suite))
    elif verb == "boot":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # which unwinds, as Ctrl-C does
        with booted(suite, int(port)) as target:
            print(json.dumps({"port": target.port, "key": str(target.key), "init": target.init}), flush=True)
            signal.pause()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
