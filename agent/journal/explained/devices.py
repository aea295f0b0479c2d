"""What has a plug or a pin, explained."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

DEVICES: Final = {
    Line.DEVICE_LOST: explained(
        """
        A device is not there any more: @AGENT_WHICH@

        "microphone" or "speaker": plug the USB card in again. It is found by itself, without a restart; if
        not, compare what is plugged in with the settings. "ring": the lights can not be driven, so no
        microphone opens; look at the cable, at SPI (raspi-config) and at [ring] in the settings.

            reading-corner devices
            reading-corner check
        """,
        """
        Falta un dispositivo: @AGENT_WHICH@

        «microphone» (micrófono) o «speaker» (bocina): conecte otra vez la tarjeta USB. El equipo la encuentra
        por sí solo, sin reiniciar; si no, compare lo que está conectado con la configuración. «ring» (anillo):
        las luces no responden y por eso no se abre el micrófono; revise el cable, SPI (raspi-config) y la
        sección [ring] de la configuración.

            reading-corner devices
            reading-corner check
        """,
    ),
    Line.DEVICE_FOUND: explained(
        """
        A device is there again: @AGENT_WHICH@

        Nothing to do. If it comes and goes, change its cable or USB port, and look for lines about power.
        """,
        """
        Un dispositivo está de vuelta: @AGENT_WHICH@

        No hay que hacer nada. Si va y viene, cambie el cable o el puerto USB y busque mensajes sobre la
        corriente.
        """,
    ),
    Line.BUTTON_STUCK: explained(
        """
        The button does not come up

        It has been down for two minutes, or was down at the start. The microphone stays closed until it
        comes up. Free the button; if nothing holds it, look at its wires and at button.active_low.

            reading-corner check
        """,
        """
        El botón no sube

        Lleva dos minutos oprimido o ya lo estaba al arrancar. El micrófono queda cerrado hasta que suba.
        Libere el botón; si nada lo sujeta, revise sus cables y button.active_low en la configuración.

            reading-corner check
        """,
    ),
    Line.BUTTON_FREE: explained(
        """
        The button came up again

        The corner can be used. Nothing to do; if it keeps happening, change the button.
        """,
        """
        El botón volvió a subir

        El rincón se puede usar. No hay que hacer nada; si se repite, cambie el botón.
        """,
    ),
    Line.NO_LIGHT: explained(
        """
        The microphone stayed closed: the ring can not show that it is open

        No listening without a light: a student pressed, and nothing was recorded. Repair the ring; the line
        that it was lost says what is wrong with it.

            reading-corner check
        """,
        """
        El micrófono quedó cerrado: el anillo no puede mostrar que está abierto

        No se escucha sin una luz: un estudiante oprimió el botón y no se grabó nada. Repare el anillo; el
        mensaje de que se perdió dice qué problema tiene.

            reading-corner check
        """,
    ),
}
"""By the kind of line."""
