"""Pages that stay in memory, in processes of their own with limits of their own."""

import resource
import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_MEMLOCK, (int(sys.argv[1]),) * 2)
from agent.memory import lock_pages
lock_pages()
much = bytearray(8 << 20)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck")))
"""

UNLIMITED = resource.RLIM_INFINITY


def locked_kb(limit):
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(limit)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.fixture
def unlimited():
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (UNLIMITED, UNLIMITED))
    except (PermissionError, ValueError):
        pytest.skip("to have no limit takes a privilege; the virtual Pi has it")


def test_without_a_limit_what_is_used_is_kept_and_what_comes_later_too(unlimited):
    assert locked_kb(UNLIMITED) > 8 << 10


@pytest.mark.parametrize("limit", [0, 4096])
def test_with_a_limit_nothing_is_kept_so_that_nothing_is_refused_later(limit):
    assert locked_kb(limit) == 0
