"""The board as the service sees it from its sandbox, sampled whenever somebody asks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from agent.board import readings, wifi
from agent.board.tool import Tool, tool
from agent.health.aside import aside
from agent.health.record import BoardHealth


class Board:
    """
    Reads the board. Event loop only.

    Args:
        state: The service's own folder, as systemd names it in STATE_DIRECTORY. The sandbox shows all else as
            read-only, so that this one tells whether the disk really is.
        root: Where `proc`, `sys` and `run` are.
        run: Runs `iw`.

    """

    def __init__(self, state: Path, root: Path = Path("/"), run: Tool = tool) -> None:
        self._state, self._root, self._run = state, root, run
        self._wifi_power_save: bool | None = None

    def read(self) -> BoardHealth:
        """Look at everything that files tell: 0.2 ms (measured on x86), nothing that waits for the SD card."""
        root = self._root
        memory, own = readings.memory(root), readings.own_memory_mb(root)
        disks = [disk for path in (root, self._state) if (disk := readings.disk(path))]
        state, celsius = readings.disk(self._state), readings.temperature_c(root)
        return BoardHealth(
            temperature_c=None if celsius is None else round(celsius, 1),
            undervoltage=readings.undervoltage(root),
            own_memory_mb=None if own is None else round(own, 1),
            free_memory_mb=memory.available_mb if memory else None,
            free_disk_mb=min((disk.free_mb for disk in disks), default=None),
            clock_synchronised=readings.clock_synchronised(root),
            wifi_power_save=self._wifi_power_save,
            disk_read_only=state.is_read_only if state else None,
        )

    async def ask_wifi(self) -> None:
        """Ask `iw`, if Wi-Fi is in use; what it says is part of the samples from then on."""
        links = wifi.links(self._root)
        if not links:
            self._wifi_power_save = None
            return
        told = await aside(partial(wifi.power_save, links, self._run), "iw")
        self._wifi_power_save = True if True in told.values() else None if None in told.values() else False
