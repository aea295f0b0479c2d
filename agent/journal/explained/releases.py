"""Changes from one release to another, explained."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

RELEASES: Final = {
    Line.RELEASE_INSTALLED: explained(
        """
        The device runs another release and keeps it: @AGENT_VERSION@

        It has run for a minute without a restart, and nothing that worked before has been lost. The release
        before is still on the device; to go back to it:

            sudo reading-corner-release rollback
        """,
        """
        El equipo usa otra versión y la conserva: @AGENT_VERSION@

        Funcionó un minuto sin reiniciarse y no se perdió nada de lo que funcionaba antes. La versión anterior
        sigue en el equipo; para volver a ella:

            sudo reading-corner-release rollback
        """,
    ),
    Line.RELEASE_ROLLED_BACK: explained(
        """
        The device went back from release @AGENT_VERSION@ to the one before

        The reason: @AGENT_WHY@. The corner works as before, and nobody has to drive there. If only one device
        says so, look at what is plugged in and at its network, and try again; if many do, stop the update and
        send the maintainers what the journal says of that time.

            reading-corner-release status
            journalctl -u reading-corner --since -1h
        """,
        """
        El equipo dejó la versión @AGENT_VERSION@ y volvió a la anterior

        La razón: @AGENT_WHY@. El rincón funciona como antes y nadie tiene que ir hasta allá. Si lo dice un solo
        equipo, revise lo que tiene conectado y su red, y pruebe otra vez; si lo dicen muchos, detenga la
        actualización y envíe a quienes mantienen el programa lo que dice el registro de ese momento.

            reading-corner-release status
            journalctl -u reading-corner --since -1h
        """,
    ),
}
