import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.experiment.file_system import FileSystem, Node
from explorer.experiment.shell import run_line


def small() -> FileSystem:
    files = FileSystem()
    files.make_directories("/d/e")
    files.write("/d/a.txt", Node("first\nsecond\n"))
    files.write("/d/b.txt", Node("third\n"))
    return files


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        ("cat /d/a.txt", "first\nsecond", 0),
        ("cat '/d/a.txt' \"/d/b.txt\"", "first\nsecond\nthird", 0),
        ("cat /d/*.txt", "first\nsecond\nthird", 0),
        ("cat '/d/*.txt'", "cat: /d/*.txt: No such file or directory", 1),
        ("cat /d/a.txt | grep -n sec", "2:second", 0),
        ("cat /none && cat /d/b.txt", "cat: /none: No such file or directory", 1),
        ("cat /none || cat /d/b.txt", "cat: /none: No such file or directory\nthird", 0),
        ("ls /d; ls /d/e", "a.txt\nb.txt\ne", 0),
        ("find /d -name '*.txt' -type f", "/d/a.txt\n/d/b.txt", 0),
        ("grep -r ir /d", "/d/a.txt:first\n/d/b.txt:third", 0),
        ("fly /d", "bash: fly: command not found", 127),
        ("rm -q /d/a.txt", "rm: invalid option -- 'q'", 2),
        ("rm /d", "rm: cannot remove /d: Is a directory", 1),
        ("chmod 9 /d/a.txt", "chmod: invalid mode: '9'", 2),
        ("cat /d/a.txt >", "bash: syntax error near unexpected token `;'", 2),
        ("cat 'open", "bash: syntax error near unexpected token `''", 2),
        ("> /none/x", "bash: /none/x: No such file or directory", 1),
        ("", "", 0),
    ],
)
def test_lines_give_what_a_terminal_shows(line: str, text: str, code: int) -> None:
    assert run_line(small(), line) == (text, code)


@pytest.mark.parametrize("line", ["> /d/a.txt", ": > /d/a.txt", "cp /dev/null /d/a.txt"])
def test_truncation_empties_the_file_and_keeps_it(line: str) -> None:
    files = small()
    assert run_line(files, line).code == 0
    assert files.node("/d/a.txt").content == ""


def test_redirections_write_append_and_vanish() -> None:
    files = small()
    run_line(files, "echo one > /d/new; echo two >> /d/new; echo three > /dev/null")
    assert files.node("/d/new").content == "one\ntwo\n"
    assert "/dev/null" not in files.nodes


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("777", 0o777), ("a+rwx", 0o777), ("u-r", 0o240), ("o=r", 0o644), ("go+r,u-w", 0o444), ("a+X", 0o640)],
)
def test_modes(mode: str, expected: int) -> None:
    files = small()
    run_line(files, f"chmod {mode} /d/a.txt")
    assert files.node("/d/a.txt").mode == expected


def test_permission_commands_change_what_they_name() -> None:
    files = small()
    run_line(files, "chmod -R 700 /d && chown bob:ops /d/a.txt && setfacl -m g:ops:rw /d/b.txt")
    assert {files.node(path).mode for path in ("/d", "/d/e", "/d/a.txt")} == {0o700}
    assert (files.node("/d/a.txt").owner, files.node("/d/a.txt").group) == ("bob", "ops")
    assert files.node("/d/b.txt").acl == ("g:ops:rw",)


def test_tar_keeps_and_rm_removes() -> None:
    files = small()
    run_line(files, "tar -czf /d/all.tar.gz /d/a.txt /d/b.txt && rm -r /d/e && rm -f /d/none /d/a.txt")
    assert files.node("/d/all.tar.gz").content == "/d/a.txt\n/d/b.txt\n"
    assert "/d/e" not in files.nodes
    assert "/d/a.txt" not in files.nodes
    assert "/d/b.txt" in files.nodes


_WORDS = st.sampled_from(
    ["cat", "rm", "-rf", "/", "/d", "/d/a.txt", "*", ">", ">>", "|", "&&", ";", "'", '"', "$(x)", "`", "chmod", "777",
     "find", "-delete", "-name", "mv", "cp", "tar", "-czf", "chown", ":x", "setfacl", "-m",
     "g::r", "\\", "\n", "grep", "ls"]
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=12).map(" ".join)))
def test_any_text_gives_a_defined_result_and_a_whole_file_system(line: str) -> None:
    files = small()
    result = run_line(files, line)
    assert isinstance(result.text, str)
    assert result.code in (0, 1, 2, 127)
    assert "/" in files.nodes
    assert all(files.nodes[path.rpartition("/")[0] or "/"].is_directory for path in files.nodes)


@pytest.mark.parametrize("line", ["a" * 19_999, "'" * 19_999, "\\" * 19_999, "|" * 19_999, "cat " * 4999, '""' * 9999])
def test_long_hostile_lines_take_linear_time(line: str) -> None:
    started = time.perf_counter()
    run_line(small(), line)
    assert time.perf_counter() - started < 2
