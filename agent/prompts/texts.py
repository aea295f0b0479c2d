"""What the device says by itself: short, kind, and in words a six-year-old knows."""

from __future__ import annotations

from agent.session.effects import Prompt

TEXTS: dict[str, dict[Prompt, str]] = {
    "es": {
        Prompt.NOT_CONNECTED: "Ahora no me puedo conectar. Espera un ratito y prueba otra vez.",
        Prompt.ASK_ADULT: "Necesito ayuda. Por favor, llama a una persona grande.",
        Prompt.LATER: "Ahora tengo que descansar. Hablamos más tarde.",
        Prompt.TOO_LONG: "¡Cuánto me contaste! Suelta el botón y escucha.",
        Prompt.CANNOT_HEAR: "No te pude oír. Vamos a probar otra vez.",
    },
    "en": {
        Prompt.NOT_CONNECTED: "I can't connect right now. Wait a little, and try again.",
        Prompt.ASK_ADULT: "I need some help. Please ask a grown-up.",
        Prompt.LATER: "I need to rest now. Let's talk later.",
        Prompt.TOO_LONG: "You told me so much! Let go of the button, and listen.",
        Prompt.CANNOT_HEAR: "I could not hear you. Let's try again.",
    },
}
"""By language; each is a WAV beside this file, made by `python -m agent.prompts.make`."""
