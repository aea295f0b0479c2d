"""Whether the agent runs, by its control group."""

from agent.check.service import Running, running
from tests.check.tree import start_service


def test_a_service_that_does_not_run_has_no_processes(tmp_path):
    assert running(tmp_path) is None
    start_service(tmp_path, 812)
    (tmp_path / "sys/fs/cgroup/system.slice/reading-corner.service/cgroup.procs").write_text("")
    assert running(tmp_path) is None


def test_the_threads_of_a_service_are_its_own_too(tmp_path):
    assert running(start_service(tmp_path, 812, 815)) == Running(frozenset({812}), frozenset({812, 815}))
