import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systemd import shipped

PROVISIONING = Path(__file__).parents[2] / "provisioning"
ROLE = PROVISIONING / "roles" / "reading_corner"
TASKS = sorted(ROLE.glob("tasks/**/*.yml"))
SECRET = "rct_00ff_" + 64 * "a" + "01234567"


def plugin(name):
    """A file that Ansible loads by its path."""
    spec = importlib.util.spec_from_file_location(name, ROLE / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def filters():
    return plugin("filter_plugins/reading_corner.py").FilterModule().filters()


def ansible(tool):
    """Beside this Python, or on the path; or skip."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return shutil.which(tool, path=path) or pytest.skip(
        f"{tool} is not installed: pip install ansible-core ansible-lint"
    )


def top_level(file):
    """Names at the left edge of a file in YAML."""
    return set(re.findall(r"^(\w+):", file.read_text("utf-8"), re.MULTILINE))


def options(entry):
    """What an entry point of the role takes, and the lines that describe each."""
    text = (ROLE / "meta/argument_specs.yml").read_text("utf-8")
    entries = dict(re.findall(r"^  (\w+):\n(.*?)(?=^  \w|\Z)", text, re.MULTILINE | re.DOTALL))
    return dict(re.findall(r"^      (\w+):\n((?:        .*\n)+)", entries[entry], re.MULTILINE))


def test_every_default_is_described_and_whatever_has_none_must_be_given():
    described = options("main")
    required = {name for name, lines in described.items() if "required: true" in lines}
    assert described.keys() - required == top_level(ROLE / "defaults/main.yml")


def test_the_columns_of_the_table_are_variables_of_the_role():
    header = (PROVISIONING / "devices.example.csv").read_text("utf-8").splitlines()[0].split(",")
    assert options("main").keys() >= {f"reading_corner_{column}" for column in header if column != "address"}


def test_each_part_of_the_system_is_a_file_with_a_switch_and_a_tag():
    main = (ROLE / "tasks/main.yml").read_text("utf-8")
    parts = {file.stem for file in ROLE.glob("tasks/os/*.yml")}
    switches = {name.removeprefix("reading_corner_os_") for name in options("main") if "_os_" in name}
    assert parts == switches
    for part in parts:
        assert re.search(rf"tasks/?.*os/{part}\.yml\n  when: reading_corner_os_{part}\b.*\n  tags: \[{part}\]", main), (
            part
        )


def test_all_that_systemd_ships_goes_where_it_says_that_it_belongs():
    tasks = "".join(file.read_text("utf-8") for file in TASKS)
    for file in shipped.INSTALLED:
        assert shipped.goes_to(file).rstrip(":") in tasks, file.name
        assert file.name in tasks.replace("{{ reading_corner_journal }}", "persistent"), file.name


def test_a_task_that_touches_the_token_says_nothing():
    tasks = [task for file in TASKS for task in re.split(r"^- name: ", file.read_text("utf-8"), flags=re.MULTILINE)]
    (task,) = (task for task in tasks if "lookup('reading_corner_token'" in task)
    assert "no_log: true" in task
    assert "diff: false" in task
    assert "ansible_pipelining: true" in task


def test_only_modules_that_come_with_the_engine_are_used():
    for file in [*TASKS, ROLE / "handlers/main.yml", *PROVISIONING.glob("*.yml")]:
        modules = re.findall(r"^ +([a-z_]+(?:\.[a-z_]+){2}):", file.read_text("utf-8"), re.MULTILINE)
        assert all(name.startswith("ansible.builtin.") for name in modules), file.name


def conditions(part):
    """All conditions in a part of a playbook."""
    if isinstance(part, list):
        for each in part:
            yield from conditions(each)
    if isinstance(part, dict):
        for name, value in part.items():
            if name in {"when", "that", "until", "failed_when", "changed_when"}:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from conditions(value)


def test_every_condition_is_one_for_the_ansible_of_debian_12_too():
    """Which puts it into a statement of its own, where a bare `if` is a mistake; devices that pull have that one."""
    jinja, yaml = pytest.importorskip("jinja2"), pytest.importorskip("yaml")
    for file in [*TASKS, ROLE / "handlers/main.yml", *PROVISIONING.glob("*.yml")]:
        for condition in conditions(yaml.safe_load(file.read_text("utf-8"))):
            jinja.Environment(autoescape=True).parse(f"{{% if {condition} %}}{{% endif %}}")


def check(can_teach, *failed):
    checks = [{"name": name, "verdict": verdict, "found": "x", "what_to_do": "y"} for name, verdict in failed]
    return {"can_teach": can_teach, "version": "1", "checks": checks}


def test_the_table_tells_of_each_device_whether_it_teaches_and_why_not_the_bad_news_first(filters):
    asked = [
        ("30155", "rc-2", {"rc": 0, "stdout": json.dumps(check(True))}),
        (
            "30155",
            "rc-1",
            {"rc": 1, "stdout": json.dumps(check(False, ("microphone", "failed"), ("clock", "warning")))},
        ),
        ("61382", "rc-33", {"unreachable": True, "msg": "No route to host"}),
        ("61382", "rc-4", {}),
        ("61382", "rc-5", {"rc": 127, "stdout": "", "stderr": "no such\nfile"}),
    ]
    table = [line.split(maxsplit=3) for line in filters["reading_corner_table"](asked).splitlines()]
    assert table == [
        ["school", "device", "can", "teach  why not"],
        ["61382", "rc-33", "?", "not reached"],
        ["61382", "rc-4", "?", "not reached"],
        ["30155", "rc-1", "NO", "microphone: x → y"],
        ["61382", "rc-5", "NO", "no such file"],
        ["30155", "rc-2", "yes"],
    ]


def test_each_reason_stands_below_the_one_before(filters):
    said = {"stdout": json.dumps(check(False, ("microphone", "failed"), ("speaker", "failed")))}
    _, first, second = filters["reading_corner_table"]([("30155", "rc-1", said)]).splitlines()
    assert first.index("microphone: x → y") == second.index("speaker: x → y")
    assert second.split() == ["speaker:", "x", "→", "y"]


def test_what_nobody_could_look_at_is_why_a_corner_can_not_teach_if_nothing_failed(filters):
    assert filters["reading_corner_obstacles"](check(False, ("session", "not checked"))) == "session: x → y"


def test_a_device_s_tokens_are_the_valid_ones_of_its_own(filters):
    tokens = [{"id": "a", "valid": False}, {"id": "b", "valid": True}]
    registry = [{"device": "rc-1", "tokens": tokens}, {"device": "rc-10", "tokens": [{"id": "c", "valid": True}]}]
    assert filters["reading_corner_valid_tokens"](registry, "rc-1") == ["b"]


@pytest.fixture
def issue(tmp_path):
    """Look a token up with a command that does this; return what comes of it, and the command's arguments."""
    pytest.importorskip("ansible")
    from ansible.errors import AnsibleError

    module = plugin("lookup_plugins/reading_corner_token.py")
    command = tmp_path / "command"

    def look_up(does):
        command.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\n{does}\n')
        command.chmod(0o755)
        try:
            return module.issued("rc-1", [str(command)], "tokens.sqlite"), (tmp_path / "asked").read_text().split()
        except AnsibleError as error:
            return error, None

    return look_up


def test_a_token_comes_out_of_the_registry_and_nothing_of_it_is_an_argument(issue):
    token, asked = issue(f"echo {SECRET}")
    assert token == SECRET
    assert asked == ["token", "issue", "--again", "--registry", "tokens.sqlite", "--device", "rc-1"]


@pytest.mark.parametrize("does", [f"echo {SECRET}; exit 2", f"echo two {SECRET}", "echo locked >&2; exit 1"])
def test_a_registry_that_fails_is_told_of_without_what_it_printed(issue, does):
    error, _ = issue(does)
    assert "rct_" not in str(error)
    assert "exit status" in str(error)


def test_the_playbooks_are_understood_by_ansible():
    environ = os.environ | {
        "READING_CORNER_DEVICES": str(PROVISIONING / "devices.example.csv"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    playbooks = sorted(file.name for file in PROVISIONING.glob("*.yml"))
    assert playbooks == ["check.yml", "rollback.yml", "rotate-tokens.yml", "site.yml", "update.yml"]
    answer = subprocess.run(
        [ansible("ansible-playbook"), "--syntax-check", *playbooks],
        cwd=PROVISIONING,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_a_table_with_a_mistake_stops_ansible_with_the_mistake(tmp_path):
    table = tmp_path / "devices.csv"
    table.write_text((PROVISIONING / "devices.example.csv").read_text("utf-8").replace(",pi4,", ",pi 4,"))
    answer = subprocess.run(
        [ansible("ansible-playbook"), "check.yml"],
        cwd=PROVISIONING,
        env=os.environ | {"READING_CORNER_DEVICES": str(table)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "line 2, column board: found 'pi 4'" in answer.stderr
    assert "PLAY" not in answer.stdout


@pytest.mark.timeout(300)
def test_ansible_lint_has_nothing_to_say_at_its_production_profile():
    lint = [ansible("ansible-lint"), "--profile", "production", "--offline", "-q"]
    answer = subprocess.run(lint, cwd=PROVISIONING, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
