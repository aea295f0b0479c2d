"""Turns and what the relay says, explained."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

CONVERSATION: Final = {
    Line.TURN: explained(
        """
        A student spoke and the tutor answered

        The line counts the turns since the agent started. Its numbers are fields: what is missing was not
        measured. First sound above 2000 ms, or stalls in most turns, mean a slow network or relay;
        underruns mean a board that is too busy, too hot, or has too little power. No word of what was said
        is kept.
        """,
        """
        Un estudiante habló y el tutor contestó

        El mensaje numera los turnos desde que arrancó el agente. Sus cifras son campos; la que falta no se
        midió. Un primer sonido por encima de 2000 ms, o pausas (stalls) en la mayoría de los turnos, indican
        una red o un servidor lentos; los «underruns» indican una placa demasiado ocupada, caliente o con poca
        corriente. No se guarda ni una palabra de lo que se dijo.
        """,
    ),
    Line.UNANSWERED: explained(
        """
        A student spoke and got no answer

        The reason is in the line: @AGENT_WHY@. The device has said so to the student, or shown it. Look at
        the lines before this one: a link that is down or a relay that reports an error is the usual cause.
        """,
        """
        Un estudiante habló y no recibió respuesta

        La razón está en el mensaje: @AGENT_WHY@. El equipo se lo dijo o se lo mostró al estudiante. Vea los
        mensajes anteriores: la causa común es que no había conexión o que el servidor reportó un error.
        """,
    ),
    Line.DROPPED: explained(
        """
        Speech was dropped because it could not be sent in time

        @AGENT_MS@ ms were kept in memory while the link was down, and then forgotten. The device has told
        the student to try again. The lines about the link say why it was down.
        """,
        """
        Se descartó lo que dijo un estudiante porque no se pudo enviar a tiempo

        @AGENT_MS@ ms quedaron en memoria mientras no había conexión y luego se borraron. El equipo le pidió al
        estudiante que probara otra vez. Los mensajes sobre la conexión dicen por qué no la había.
        """,
    ),
    Line.TOO_LONG: explained(
        """
        A student held the button longer than a turn may last

        What was said until then was sent, the microphone is closed, and the device said so. Nothing to do.
        If it happens all the time, the button may be stuck; the limit is turn.max_utterance_s.
        """,
        """
        Un estudiante mantuvo el botón oprimido más de lo que puede durar un turno

        Lo que dijo hasta ese momento se envió, el micrófono está cerrado y el equipo se lo dijo. No hay que
        hacer nada. Si ocurre a cada rato, puede que el botón esté trabado; el límite es turn.max_utterance_s.
        """,
    ),
    Line.PROMPT: explained(
        """
        The device said something by itself: @AGENT_NAME@

        It explains to a student why there is no answer, at most once a minute. What is wrong is in the lines
        before this one.
        """,
        """
        El equipo dijo algo por sí mismo: @AGENT_NAME@

        Así le explica a un estudiante por qué no hay respuesta, a lo sumo una vez por minuto. Los mensajes
        anteriores dicen qué problema hay.
        """,
    ),
    Line.ODD_EVENT: explained(
        """
        The relay sent something that the agent does not know

        It was counted and passed over; the conversation goes on. After an update of the relay or of the
        tutor's service this is to be expected. Tell the maintainers, so that they can have a look.
        """,
        """
        El servidor envió algo que el agente no conoce

        Se contó y se pasó por alto; la conversación sigue. Es de esperarse después de una actualización del
        servidor o del servicio del tutor. Avise a los encargados del programa para que lo examinen.
        """,
    ),
    Line.RELAY_ERROR: explained(
        """
        The relay reported an error

        Its code is in the line. The conversation goes on if it can. If students get no answers, look for the
        code at the relay and at the tutor's service.
        """,
        """
        El servidor reportó un error

        El código está en el mensaje. La conversación sigue si es posible. Si los estudiantes no reciben
        respuestas, busque el código en el servidor y en el servicio del tutor.
        """,
    ),
    Line.SCENE: explained(
        """
        The ring shows another scene: @AGENT_NAME@

        For whoever follows a turn step by step. What each scene means is in README.
        """,
        """
        El anillo muestra otra escena: @AGENT_NAME@

        Para quien sigue un turno paso a paso. README explica lo que significa cada escena.
        """,
    ),
    Line.STEP: explained(
        """
        A step of a turn

        For whoever follows a turn from the press to the last sound.
        """,
        """
        Un paso de un turno

        Para quien sigue un turno desde que se oprime el botón hasta el último sonido.
        """,
    ),
}
"""By the kind of line."""
