"""What a Raspberry Pi suffers from, explained."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

BOARD: Final = {
    Line.UNDERVOLTAGE: explained(
        """
        The board gets too little power (under-voltage)

        It slows down, and USB sound cards may drop out. Use the power supply made for this board, a shorter
        and thicker cable, and a USB hub with a supply of its own.
        """,
        """
        La placa recibe poca corriente (voltaje bajo)

        Se pone lenta y las tarjetas de sonido USB pueden desconectarse. Use la fuente hecha para esta placa,
        un cable más corto y grueso, y un concentrador (hub) USB con su propia fuente.
        """,
    ),
    Line.HOT: explained(
        """
        The processor is so hot that it is being slowed down

        The tutor's voice may break up. Take the device out of the sun, give it air, or add a heat sink or a
        fan.
        """,
        """
        El procesador está tan caliente que se le baja la velocidad

        La voz del tutor puede entrecortarse. Quite el equipo del sol, dele ventilación o añádale un disipador
        o un abanico.
        """,
    ),
    Line.LITTLE_MEMORY: explained(
        """
        The board is short of memory

        Something else on this device takes it. If it runs out, the kernel ends a program, perhaps the agent.
        See what runs, the largest first, and stop what is not needed:

            ps -eo rss,comm --sort -rss | head
        """,
        """
        A la placa le queda poca memoria

        Otro programa de este equipo la ocupa. Si se agota, el núcleo del sistema termina un programa, tal vez
        el agente. Vea lo que está corriendo, lo más grande primero, y detenga lo que no haga falta:

            ps -eo rss,comm --sort -rss | head
        """,
    ),
    Line.OWN_MEMORY: explained(
        """
        The agent takes more memory than it should

        That is a fault in its program. It restarts by itself when nobody is using it. Send the maintainers
        an archive, before that if you can:

            sudo reading-corner support-bundle
        """,
        """
        El agente ocupa más memoria de la debida

        Es una falla de su programa. Se reinicia por sí solo cuando nadie lo está usando. Envíe un archivo a los
        encargados del programa, si es posible antes de que se reinicie:

            sudo reading-corner support-bundle
        """,
    ),
    Line.DISK_FULL: explained(
        """
        The SD card is nearly full

        The tutor goes on working, but no update can be installed, and at the end no token renewed. See what
        takes the room, and make some:

            df -h
            sudo apt clean
            sudo journalctl --vacuum-size=50M
        """,
        """
        La tarjeta SD está casi llena

        El tutor sigue funcionando, pero no se pueden instalar actualizaciones y, al final, tampoco renovar la
        credencial. Vea qué ocupa el espacio y libere un poco:

            df -h
            sudo apt clean
            sudo journalctl --vacuum-size=50M
        """,
    ),
    Line.DISK_READ_ONLY: explained(
        """
        The SD card can no longer be written

        The tutor goes on working, but no token can be renewed and no update installed. If nobody made it
        read-only, the card is worn out: replace it and provision the device again.

            findmnt /
            journalctl -k -g mmc
        """,
        """
        Ya no se puede escribir en la tarjeta SD

        El tutor sigue funcionando, pero no se puede renovar la credencial ni instalar actualizaciones. Si nadie
        la puso en modo de solo lectura, la tarjeta está gastada: reemplácela y prepare el equipo otra vez.

            findmnt /
            journalctl -k -g mmc
        """,
    ),
    Line.CLOCK_STEPPED: explained(
        """
        The clock of this device was set

        Once after power-on that is how it should be: a time server answered, and the times of the lines
        before this one are off by as much. If it happens again while the device is on, find out who else
        sets the clock:

            timedatectl timesync-status
        """,
        """
        Se ajustó el reloj de este equipo

        Una vez, después de encenderlo, es lo normal: contestó un servidor de hora, y las horas de los mensajes
        anteriores están corridas por esa misma diferencia. Si se repite con el equipo encendido, averigüe quién
        más ajusta el reloj:

            timedatectl timesync-status
        """,
    ),
    Line.WIFI_POWER_SAVE: explained(
        """
        The Wi-Fi of this device sleeps, and answers come late

        By up to seconds: it sleeps to save power. Switch that off: write these two lines into a file in
        /etc/NetworkManager/conf.d/ and restart NetworkManager.

            [connection]
            wifi.powersave = 2
        """,
        """
        El Wi-Fi de este equipo duerme y las respuestas llegan tarde

        Hasta varios segundos: duerme para ahorrar energía. Desactive ese ahorro: escriba estas dos líneas en
        un archivo en /etc/NetworkManager/conf.d/ y reinicie NetworkManager.

            [connection]
            wifi.powersave = 2
        """,
    ),
    Line.BOARD_WELL: explained(
        """
        The board is well again: @AGENT_NAME@

        The line says how long it was not. Nothing to do.
        """,
        """
        La placa está bien otra vez: @AGENT_NAME@

        El mensaje dice cuánto tiempo no lo estuvo. No hay que hacer nada.
        """,
    ),
}
"""By the kind of line."""
