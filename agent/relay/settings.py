"""The relay's settings: environment and arguments, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from agent.errors import BadInput
from agent.units import SAMPLE_RATE_HZ

PREFIX = "READING_CORNER_RELAY_"

INSTRUCTIONS = """\
You are a warm, patient reading tutor in a school's reading corner in Puerto Rico. The student is a child from
kindergarten to fifth grade, alone at the device, speaking Spanish, English or both in one sentence.
Answer in the language the child used last; when the child mixes, mix gently too, and offer new words in both languages.
Speak slowly and clearly, in one to three short sentences, in Puerto Rican Spanish or plain American English.
Help with reading: sounds and syllables, words and their meaning, what a story says and why; let the child try before
you tell the answer, and praise the effort with what was good about it. Ask one question at a time.
If you did not understand, say so kindly and ask to hear it again; never pretend.
Never ask for names, addresses, schools, pictures or anything private, and do not repeat them. If a child speaks of
being hurt, afraid or in danger, say calmly that it is right to tell, and to go to the teacher or another trusted adult
now. Keep to what fits a classroom; lead everything else back to reading."""
"""For the tutor, K-5 and bilingual; a district may set its own."""


class RelaySettings(BaseSettings):
    """What a relay can be told. `load` makes it; a key's description is what its errors say is expected."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX, populate_by_name=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="an address to listen on")
    port: int = Field(default=8765, ge=0, le=65535, description="a port from 0 (any free one) to 65535")
    tutor: Literal["scripted", "parrot", "openai"] = Field(
        default="scripted", description="'scripted', 'parrot' or 'openai'"
    )
    dialect: Literal["ga", "beta"] = Field(default="ga", description="'ga' or 'beta'")
    close_after_s: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="seconds above 0, after which a session is closed"
    )
    registry: Path | None = Field(default=None, description="the path of the token registry")
    tls_certificate: Path | None = Field(
        default=None, description="the path of a certificate with its chain (PEM), with --tls-key"
    )
    tls_key: Path | None = Field(default=None, description="the path of its private key (PEM), with --tls-certificate")
    query_token: str = Field(
        default="jwt", pattern=r"^[\w.-]+$", description="the query parameter in which browsers put their token"
    )
    openai_url: str = Field(
        default="wss://api.openai.com/v1/realtime", pattern=r"^wss?://[^?#]+$", description="ws(s)://… without query"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias="OPENAI_API_KEY", description="the key of an OpenAI project"
    )
    model: str = Field(default="gpt-realtime-2.1", min_length=1, description="the name of a realtime model")
    voice: str = Field(default="marin", min_length=1, description="the name of a voice")
    instructions: str = Field(default=INSTRUCTIONS, min_length=1, description="text for the tutor")
    transcription_model: str = Field(
        default="gpt-realtime-whisper", min_length=1, description="the name of a transcription model"
    )
    noise_reduction: Literal["near_field", "far_field"] = Field(
        default="far_field", description="'near_field' or 'far_field'"
    )
    max_output_tokens: int = Field(default=1200, ge=1, le=4096, description="a whole number from 1 to 4096")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` has put together and nothing else: a test's relay must not depend on a shell."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    def session(self) -> dict[str, Any]:
        """What the relay asks of every session, in the shape of a `session.update`; turns are the device's."""
        pcm = {"type": "audio/pcm", "rate": SAMPLE_RATE_HZ}
        return {
            "type": "realtime",
            "instructions": self.instructions,
            "output_modalities": ["audio"],
            "max_output_tokens": self.max_output_tokens,
            "audio": {
                "input": {
                    "format": pcm,
                    "transcription": {"model": self.transcription_model},
                    "noise_reduction": {"type": self.noise_reduction},
                    "turn_detection": None,
                },
                "output": {"format": pcm, "voice": self.voice},
            },
        }


def load(environ: Mapping[str, str], **arguments: object) -> RelaySettings:
    """
    Put the settings together: `arguments` (those that are not None) before `environ`.

    Raises:
        BadInput: At the first that is not usable, naming the variable or the argument.

    """
    _refuse_unknown(environ)
    given = {key: value for key, value in arguments.items() if value is not None}
    source = EnvSettingsSource(RelaySettings, env_ignore_empty=True)
    source.env_vars = {name.lower(): value for name, value in environ.items()}
    try:
        return RelaySettings(**{**source(), **given})
    except ValidationError as error:
        raise _problem(error, given) from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A variable with our prefix that nobody reads is a misspelling; a second underscore is the agent's own tree."""
    known = [PREFIX + name.upper() for name in RelaySettings.model_fields]
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and not variable.startswith(PREFIX + "_") and variable not in known:
            raise BadInput(variable, "an unknown key", "one of " + ", ".join(known))


def _problem(error: ValidationError, given: Mapping[str, object]) -> BadInput:
    details = error.errors()[0]
    key = str(details["loc"][0])
    field = RelaySettings.model_fields.get(key)
    where = f"--{key.removesuffix('_s').replace('_', '-')}" if key in given else f"{PREFIX}{key.upper()}"
    # People put keys into addresses, and what is found goes into a log.
    found = "another text" if key == "openai_url" else repr(details["input"])[:60]
    return BadInput(where, found, str(field.description if field else "a known key"))
