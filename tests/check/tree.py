"""Trees of files laid out as a Raspberry Pi's kernel and systemd do."""

from pathlib import Path


def tree(root, files):
    """Write files by their paths below `root`."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def verdicts(checks):
    """What became of each check, by its name."""
    return {check.name: check.verdict.value for check in checks}


def only(checks, name):
    (found,) = (check for check in checks if check.name == name)
    return found


CARD = Path("proc/asound/card1")
BUS = "sys/devices/usb1/1-1/1-1.3"

USB_CARD = {
    "proc/asound/cards": " 1 [Device         ]: USB-Audio - USB Audio Device\n",
    "proc/asound/card1/pcm0c/sub0/status": "closed\n",
    "proc/asound/card1/pcm0p/sub0/status": "closed\n",
    f"{BUS}/idVendor": "0d8c\n",
    f"{BUS}/idProduct": "0014\n",
}
"""A card that is microphone and speaker; `plug` puts it in."""


def plug(root):
    tree(root, USB_CARD)
    interface = root / BUS / "1-1.3:1.0"
    interface.mkdir(parents=True)
    card = root / "sys/class/sound/card1"
    card.mkdir(parents=True)
    (card / "device").symlink_to(interface)
    return root


def start_service(root, process, *threads):
    """Let the agent's service run."""
    group = "sys/fs/cgroup/system.slice/reading-corner.service"
    everyone = "".join(f"{thread}\n" for thread in (process, *threads))
    return tree(root, {f"{group}/cgroup.procs": f"{process}\n", f"{group}/cgroup.threads": everyone})


def open_card(root, thread_of, **status):
    """Let each direction of the plugged card be open in a thread, as the kernel tells of it."""
    for way, thread in thread_of.items():
        pcm = CARD / f"pcm0{way}/sub0"
        told = f"state: {status.get('state', 'RUNNING')}\nowner_pid   : {thread}\n"
        tree(root, {pcm / "status": told})
        tree(root, {pcm / "hw_params": "format: S16_LE\nchannels: 2\nrate: 44100 (44100/1)\n"})
    return root


def open_nodes(root, process, *nodes):
    """Let a process have these open."""
    folder = root / f"proc/{process}/fd"
    folder.mkdir(parents=True, exist_ok=True)
    for number, node in enumerate(nodes):
        (folder / str(number)).symlink_to(node)
    return root
