"""The agent's own life, explained."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

LIFE: Final = {
    Line.STARTED: explained(
        """
        The agent of the reading corner has started

        Its settings are good, and it found its button and its ring. Nothing to do.
        """,
        """
        Arrancó el agente del rincón de lectura

        La configuración es válida y encontró el botón y el anillo de luces. No hay que hacer nada.
        """,
    ),
    Line.READY: explained(
        """
        The reading corner is ready for its first turn

        All its parts run. It does not wait for the network: whether the tutor can be reached is told by
        lines of their own. Nothing to do.
        """,
        """
        El rincón de lectura está listo para el primer turno

        Todas sus partes funcionan. No espera por la red: otros mensajes dicen si hay conexión con el tutor.
        No hay que hacer nada.
        """,
    ),
    Line.STOPPED: explained(
        """
        The agent has stopped, as it was told to

        Somebody stopped or restarted the service, an update did, or the device is shutting down. If nobody
        meant to, start it again:

            sudo systemctl start reading-corner
        """,
        """
        El agente se detuvo, como se le pidió

        Alguien detuvo o reinició el servicio, se instaló una actualización o el equipo se está apagando. Si
        nadie quería detenerlo, arránquelo otra vez:

            sudo systemctl start reading-corner
        """,
    ),
    Line.DIED: explained(
        """
        The agent ended because of a fault in its program

        systemd starts it again by itself; a turn that was under way is lost. Once is a nuisance; if it
        comes back, send the maintainers an archive of what the device knows. It holds no token and nothing
        that was said:

            sudo reading-corner support-bundle
        """,
        """
        El agente terminó por una falla de su programa

        systemd lo arranca de nuevo por sí solo; el turno que estaba en curso se pierde. Una sola vez no es
        grave. Si se repite, envíe a los encargados del programa un archivo con lo que sabe el equipo. No
        contiene la credencial ni nada de lo que se dijo:

            sudo reading-corner support-bundle
        """,
    ),
    Line.BAD_SETTINGS: explained(
        """
        The settings can not be used, so the agent did not start

        The line says which key it is, what stands there and what is expected. Trying again will not help:
        correct the file, then start the agent.

            sudoedit /etc/reading-corner/agent.toml
            reading-corner config check /etc/reading-corner/agent.toml
            sudo systemctl restart reading-corner
        """,
        """
        La configuración no se puede usar, así que el agente no arrancó

        El mensaje dice cuál es la clave, qué valor tiene y qué se esperaba. Reintentar no ayuda: corrija el
        archivo y luego arranque el agente.

            sudoedit /etc/reading-corner/agent.toml
            reading-corner config check /etc/reading-corner/agent.toml
            sudo systemctl restart reading-corner
        """,
    ),
    Line.STALE: explained(
        """
        A part of the agent stands still: @AGENT_NAME@

        It has not moved for @AGENT_AGE_S@ seconds. If it does not move again at once, systemd ends the
        agent and starts it anew; what each thread was doing is then in the lines that follow. If it comes
        back, look first at the power supply, the SD card and the USB sound card, then send the maintainers
        an archive:

            sudo reading-corner support-bundle
        """,
        """
        Una parte del agente está detenida: @AGENT_NAME@

        Lleva @AGENT_AGE_S@ segundos sin moverse. Si no se recupera enseguida, systemd termina el agente y lo
        arranca de nuevo; los mensajes siguientes dicen qué hacía cada hilo. Si se repite, revise primero la
        fuente de corriente, la tarjeta SD y la tarjeta de sonido USB; luego envíe un archivo a los encargados
        del programa:

            sudo reading-corner support-bundle
        """,
    ),
    Line.MOVES: explained(
        """
        A part of the agent that stood still moves again: @AGENT_NAME@

        It took @AGENT_AGE_S@ seconds, and nothing was restarted. Once is no trouble. If it comes back, look
        at the power supply, the SD card and the USB sound card.
        """,
        """
        Una parte del agente que estaba detenida se mueve otra vez: @AGENT_NAME@

        Tardó @AGENT_AGE_S@ segundos y no se reinició nada. Una vez no es problema. Si se repite, revise la
        fuente de corriente, la tarjeta SD y la tarjeta de sonido USB.
        """,
    ),
    Line.LIBRARY: explained(
        """
        A library that the agent uses has complained

        @AGENT_LOGGER@ wrote this, not the agent itself; secrets are masked. If the reading corner works,
        there is nothing to do. If not, this line belongs into the ticket.
        """,
        """
        Una biblioteca que usa el agente reportó un problema

        Lo escribió @AGENT_LOGGER@, no el agente; los datos secretos están tapados. Si el rincón de lectura
        funciona, no hay que hacer nada. Si no, incluya este mensaje en la solicitud de ayuda.
        """,
    ),
    Line.STATUS_SOCKET: explained(
        """
        The agent can not tell anybody here how it is: there is no status socket

        The reading corner works all the same, but `reading-corner status` finds nobody. The line says what
        was wrong with its folder, which the service makes when it starts:

            ls -ld /run/reading-corner
            sudo systemctl restart reading-corner
        """,
        """
        El agente no puede decirle a nadie aquí cómo está: no tiene socket de estado

        El rincón de lectura funciona de todos modos, pero `reading-corner status` no encuentra a nadie. El
        mensaje dice qué pasó con su carpeta, que el servicio crea al arrancar:

            ls -ld /run/reading-corner
            sudo systemctl restart reading-corner
        """,
    ),
    Line.METRICS_FILE: explained(
        """
        The file with numbers for node_exporter can not be written

        The reading corner works all the same. metrics_file in the settings must lie in a folder that is
        there and that the service may write to; the line says what was wrong.

            reading-corner config show
        """,
        """
        No se puede escribir el archivo de cifras para node_exporter

        El rincón de lectura funciona de todos modos. La clave metrics_file de la configuración debe indicar
        una carpeta que exista y en la que el servicio pueda escribir; el mensaje dice qué falló.

            reading-corner config show
        """,
    ),
    Line.HOURS_OPENED: explained(
        """
        School hours begin

        From now on the ring shines and the button works, as the settings say under [hours]. Nothing to do.
        """,
        """
        Comienza el horario escolar

        Desde ahora el anillo se enciende y el botón funciona, según la sección [hours] de la configuración.
        No hay que hacer nada.
        """,
    ),
    Line.HOURS_CLOSED: explained(
        """
        School hours are over

        Until they begin again the ring is dark, the button does nothing and nothing is said. That is no
        fault. If the hours are wrong, correct [hours] in the settings, or the device's time zone:

            timedatectl
        """,
        """
        Terminó el horario escolar

        Hasta que vuelva a comenzar, el anillo está apagado, el botón no hace nada y el equipo no habla. No es
        una falla. Si el horario no es correcto, corrija la sección [hours] de la configuración o la zona
        horaria del equipo:

            timedatectl
        """,
    ),
    Line.HEALTH: explained(
        """
        The health of the reading corner, as it is each minute

        A score from 0 to 100 and the reasons for what is missing to 100, with all numbers as fields. The
        same can be watched live:

            sudo reading-corner status --watch
        """,
        """
        La salud del rincón de lectura, minuto a minuto

        Una puntuación de 0 a 100 y las razones de lo que falta para llegar a 100, con todas las cifras como
        campos. Se puede ver en vivo:

            sudo reading-corner status --watch
        """,
    ),
    Line.HEALTH_CHANGED: explained(
        """
        The health of the reading corner has changed: now @AGENT_SCORE@ of 100

        The line says what is not as it should be, or that all is well. What needs a person also has a line
        of its own that says what to do. To see how it is now:

            sudo reading-corner status
        """,
        """
        Cambió la salud del rincón de lectura: ahora es @AGENT_SCORE@ de 100

        El mensaje dice qué no está como debe, o que todo está bien. Lo que necesita atención de una persona
        tiene además su propio mensaje, que dice qué hacer. Para ver el estado actual:

            sudo reading-corner status
        """,
    ),
}
"""By the kind of line."""
