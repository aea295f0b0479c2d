"""A new device token, straight from the relay's registry: handed on, and written nowhere."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: reading_corner_token
author: The reading-corner-agent project
short_description: Issue a device token
description:
  - Runs C(reading-corner-relay token issue --again) on the controller. Each look-up issues another token.
  - Those before it end when the device comes with it.
options:
  _terms:
    description: The relay's names of devices.
    required: true
  registry:
    description: Where the relay keeps its tokens.
    type: str
    required: true
  command:
    description: What to run, in words.
    type: list
    elements: str
    required: true
"""

PATIENCE_S = 60
"""For a registry that is locked by its relay, or at the far end of an SSH connection."""

TOKEN = re.compile(r"rct_[!-~]+")


class LookupModule(LookupBase):
    """The look-up."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:  # noqa: ANN401 -- as Ansible has it
        """Issue a token for each device."""
        self.set_options(var_options=variables, direct=options)
        command, registry = self.get_option("command"), self.get_option("registry")
        return [issued(device, command, registry) for device in terms]


def issued(device: str, command: Sequence[str], registry: str) -> str:
    """
    Have the registry make a token for a device.

    Raises:
        AnsibleError: If there is none; it says why, and nothing of what was printed.

    """
    ask = [*command, "token", "issue", "--again", "--registry", registry, "--device", device]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=PATIENCE_S, check=False)  # noqa: S603 -- the command of who runs the playbook, no shell
    except (OSError, subprocess.TimeoutExpired) as trouble:
        # Without its cause, which may hold what was printed so far.
        raise AnsibleError(f"{command[0]}: {type(trouble).__name__}") from None
    token = done.stdout.strip()
    if done.returncode or not TOKEN.fullmatch(token):
        raise AnsibleError(f"{' '.join(ask)}: exit status {done.returncode}, {done.stderr.strip()}")
    return token
