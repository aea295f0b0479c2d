"""What every scene is called and means, for a teacher, in English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass

from agent.session.effects import Scene


@dataclass(frozen=True, slots=True)
class Caption:
    """One scene in one language: its name, how to tell it from the others without its picture, and what it means."""

    name: str
    look: str
    meaning: str


CAPTIONS: dict[Scene, tuple[Caption, Caption]] = {
    Scene.CONNECTING: (
        Caption("Connecting", "white, one light swings", "Looks for the tutor. Wait a moment; call IT if it lasts."),
        Caption(
            "Conectando", "blanco, una luz va y viene", "Busca al tutor. Espere; si sigue, llame a soporte técnico."
        ),
    ),
    Scene.READY: (
        Caption("Ready", "green, three dim lights breathe", "Hold the button down and talk. Not listening yet."),
        Caption("Listo", "verde, tres luces tenues respiran", "Oprima el botón sin soltar y hable. Aún no escucha."),
    ),
    Scene.LISTENING: (
        Caption(
            "Listening", "blue, all round, follows the voice", "The microphone is on. Let go of the button to end."
        ),
        Caption("Escuchando", "azul, todo el anillo, sigue la voz", "El micrófono está abierto. Suelte para terminar."),
    ),
    Scene.LISTENING_OFFLINE: (
        Caption(
            "Listening, no connection", "blue with an amber mark on top", "Keep talking: it is sent once connected."
        ),
        Caption("Escuchando, sin conexión", "azul con marca ámbar arriba", "Siga hablando: se enviará al conectarse."),
    ),
    Scene.SENDING: (
        Caption("Sending", "turquoise, two lights chase", "Waits for the connection to send what was said."),
        Caption("Enviando", "turquesa, dos luces se persiguen", "Espera la conexión para enviar lo que se dijo."),
    ),
    Scene.THINKING: (
        Caption("Thinking", "purple, one light goes round", "The answer is on its way. Press to say it again."),
        Caption("Pensando", "violeta, una luz da vueltas", "La respuesta viene. Oprima para hablar otra vez."),
    ),
    Scene.SPEAKING: (
        Caption("Speaking", "pink, slow ripples", "The tutor talks. Press the button to interrupt it."),
        Caption("Hablando", "rosado, ondas lentas", "El tutor habla. Oprima el botón para interrumpirlo."),
    ),
    Scene.ASK_ADULT: (
        Caption(
            "Ask an adult",
            "red, swells and fades",
            "The tutor does not accept this device, or the network is in the way. Call IT.",
        ),
        Caption(
            "Pide ayuda",
            "rojo, crece y se apaga",
            "El tutor no acepta este equipo o la red lo impide. Llame a soporte técnico.",
        ),
    ),
    Scene.LATER: (
        Caption(
            "Later", "amber, empties and fills", "The tutor could not answer, or rests for now. Try again in a while."
        ),
        Caption(
            "Más tarde",
            "ámbar, se vacía y se llena",
            "El tutor no pudo contestar o descansa. Pruebe dentro de un rato.",
        ),
    ),
    Scene.CLOCK: (
        Caption("Clock", "yellow, a hand that ticks", "Its clock is not set yet. Call IT if it lasts."),
        Caption("Reloj", "amarillo, una manecilla", "Su reloj aún no está en hora. Si sigue, llame a soporte técnico."),
    ),
    Scene.BUTTON_FAULT: (
        Caption("Button stuck", "red and white quarters swap", "Let the button go, or free it. It does not listen."),
        Caption("Botón trabado", "cuartos rojos y blancos alternan", "Suelte o destrabe el botón. No está escuchando."),
    ),
    Scene.NO_MICROPHONE: (
        Caption("No microphone", "pale, lower half only", "Plug the microphone in. No need to restart."),
        Caption("Sin micrófono", "pálido, solo la mitad de abajo", "Conecte el micrófono. No hay que reiniciar."),
    ),
    Scene.NO_SPEAKER: (
        Caption("No speaker", "pink, six dots take turns", "Plug the speaker in. No need to restart."),
        Caption("Sin bocina", "rosado, seis puntos por turnos", "Conecte la bocina. No hay que reiniciar."),
    ),
    Scene.DARK: (
        Caption("Off", "dark", "It does not listen. In school hours: check the power, then call IT."),
        Caption(
            "Apagado",
            "sin luz",
            "No escucha. En horario escolar, revise la corriente; luego llame a soporte técnico.",
        ),
    ),
}
"""Each in English, then in Spanish."""
