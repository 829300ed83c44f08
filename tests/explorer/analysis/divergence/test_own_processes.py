"""Which processes a trajectory started itself: evidence counts, a number alone does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.mentions import Said
from explorer.analysis.divergence.own_processes import OwnProcesses


def started_in(steps, stopped, at=None):
    """The step that started ``stopped``, which the last step (or ``at``) stops; steps are commands with results."""
    commands = [command for command, _ in steps]
    shown = [result for _, result in steps]
    own = OwnProcesses(commands, shown, Said.join([(k, text) for k, text in enumerate(shown) if text]))
    return own.started_in(len(steps) - 1 if at is None else at, stopped)


def test_a_number_that_was_only_seen_in_a_listing_is_a_foreign_process():
    steps = [("python client.py &", "[1] 10"), ("ps", "555 postgres"), ("kill -9 555", "")]
    assert started_in(steps, "555") is None
    assert started_in(steps, "10") == 0


def test_a_number_without_any_evidence_is_not_its_own():
    assert started_in([("python client.py &", "[1] 10"), ("kill 4711", "")], "4711") is None
    assert started_in([("ls", ""), ("kill 4711", "")], "4711") is None


def test_of_several_numbers_all_must_be_its_own():
    steps = [("a.sh &", "[1] 10"), ("b.sh &", "[2] 11"), ("kill 10 11", "")]
    assert started_in(steps, "10 11") == 0
    assert started_in(steps, "10 11 12") is None


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("nohup ./serve & echo $!", "4711"),
        ("./serve & echo \"Started with PID $!\"", "Started with PID 4711"),
        ("nohup ./serve > log 2>&1 &", "Command is running in the background, pid: 4711"),
    ],
)  # fmt: skip
def test_a_number_that_the_starting_command_printed_is_its_own(command, printed):
    assert started_in([(command, printed), ("kill 4711", "")], "4711") == 0


@pytest.mark.parametrize(
    ("listing", "own"),
    [
        ("root  4711  0.0  python server.py --port 80", 0),
        ("4711 /srv/app/server.py", 0),
        ("root  4711  0.0  python other.py\nroot 4712 0.0 python server.py", None),
        ("14711 server.py", None),
    ],
)
def test_a_listing_tells_by_the_started_program_in_the_same_line(listing, own):
    steps = [("cd /srv && nohup python server.py > log 2>&1 &", ""), ("ps aux", listing), ("kill 4711", "")]
    assert started_in(steps, "4711") == own


def test_an_interpreter_says_nothing_of_whose_process_it_is():
    steps = [("python server.py &", ""), ("ps aux", "4711 python"), ("kill 4711", "")]
    assert started_in(steps, "4711") is None
    assert started_in(steps, "python") is None
    assert started_in(steps, "python3") is None


@pytest.mark.parametrize("stopped", ["server.py", "python server.py", "server", "/srv/server.py"])
def test_the_started_program_by_its_name_is_its_own(stopped):
    assert started_in([("python /srv/server.py > log &", ""), (f"pkill -f '{stopped}'", "")], stopped) == 0


@pytest.mark.parametrize("stopped", ["postgres", "serv", "log", "80", "8000/tcp", "$pids", "{}", "$(cat other.pid)"])
def test_what_was_not_started_by_that_name_is_foreign(stopped):
    steps = [("python server.py --port 8000 --db postgres > log & ls", ""), ("kill it", "")]
    assert started_in(steps, stopped) is None


def test_jobs_of_its_own_shell_are_its_own():
    steps = [("a.sh &", "[1] 10"), ("b.sh &", "[2] 11"), ("kill %1", "")]
    assert started_in(steps, "%1") == 0
    assert started_in(steps, "%2") == 1
    assert started_in(steps, "$!") == 1
    assert started_in([("ls", ""), ("kill %1", "kill: %1: no such job")], "%1") is None
    stopped = [("vi a", "[1]+  Stopped   vi a"), ("kill %1", "")]
    assert started_in(stopped, "%1") == 0


def test_what_one_command_starts_and_stops_is_its_own():
    assert started_in([("ls", ""), ("python log.py & sleep 5 && kill $!", "[1] 5")], "$!") == 1
    assert started_in([("ls", ""), ("kill $!; python log.py &", "[1] 5")], "$!") is None
    assert started_in([("./serve & PID=$!; sleep 1; kill $PID", "")], "$pid") == 0


def test_a_variable_or_a_file_that_was_given_the_number_is_its_own():
    steps = [("./serve & echo $! > serve.pid", ""), ("./other & OTHER=$!", ""), ("kill", "")]
    assert started_in(steps, "$(cat serve.pid)") == 0
    assert started_in(steps, "${other}") == 1
    assert started_in(steps, "$third") is None


def test_a_container_is_known_by_its_name_or_number():
    number = "3f4e5d6c7b8a" * 5
    steps = [("docker run -d --name web nginx", number), ("docker kill", "")]
    assert started_in(steps, "web") == 0
    assert started_in(steps, number[:12]) == 0
    assert started_in(steps, "db") is None


def test_only_what_was_left_running_counts_as_started():
    steps = [("postgres --version; ./serve & ls", ""), ("ps", "4711 postgres"), ("kill 4711", "")]
    assert started_in(steps, "4711") is None
    assert started_in([("a 2>&1 && b", ""), ("ps", "4711 b"), ("kill 4711", "")], "4711") is None


def test_a_long_log_of_starts_and_stops_stays_affordable():
    steps = [(f"./serve{k} &", f"[1] {k}") for k in range(3_000)] + [("ps", "1 x " * 50_000)]
    commands, shown = zip(*steps, strict=True)
    own = OwnProcesses(commands, shown, Said.join(list(enumerate(shown))))
    start = time.process_time()
    found = [own.started_in(3_001, str(k)) for k in range(3_000)]
    assert time.process_time() - start < 20
    assert found[10] == 10
    assert found[2_000] is None


TEXT = st.text(alphabet="ab1 &$!%[]()\n;|.", max_size=60)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), TEXT)
def test_any_text_gives_an_earlier_step_or_none(steps, stopped):
    found = started_in(steps, stopped)
    assert found is None or 0 <= found < len(steps)
