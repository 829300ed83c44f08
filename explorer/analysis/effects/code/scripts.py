"""What short scripts in JavaScript, Ruby, Perl, PHP and PowerShell do.

No full parsers: comments are blanked, strings told from code, and a small table of the languages' own calls is
matched with its first argument. Commands given to a shell are classified as shell. A script in which something
runs whose text cannot be read is opaque; one in which nothing of the tables occurs only computes, as far as
this layer can see, and says so with a lower confidence.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.shared.making import clip, distinct, make, path_target, under
from explorer.analysis.effects.web.http import classify_http
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

Shell = Callable[[str], Effects]
MAX_TEXT = 400_000
MAX_CALLS = 5_000
_K = EffectKind
_STRING = r"""(?:'(?:[^'\\\n]|\\.){0,4000}'|"(?:[^"\\\n]|\\.){0,4000}"|`(?:[^`\\]|\\.){0,4000}`)"""


class _Call(NamedTuple):
    """A family of calls: what they do and what their first argument is (path, shell, code, sql, url, none)."""

    names: str
    kind: EffectKind
    argument: str = "path"
    severity: int | None = None


_TABLES: dict[str, tuple[_Call, ...]] = {
    "javascript": (
        _Call(r"(?:fs|fsp|fsPromises|promises|fse)\.(?:unlink|unlinkSync|rmdir|rmdirSync|remove"
              r"|removeSync)", _K.DELETE),
        _Call(r"(?:fs|fsp|fsPromises|promises|fse)\.(?:rm|rmSync|emptyDir|emptyDirSync)|rimraf(?:\.sync)?"
              r"|del(?:\.sync)?|Deno\.remove(?:Sync)?", _K.DELETE, "path", 3),
        _Call(r"(?:\w+\.)?(?:unlinkSync|rmSync|rmdirSync)", _K.DELETE),
        _Call(r"(?:\w+\.)?(?:truncate|truncateSync|ftruncate)", _K.OVERWRITE),
        _Call(r"(?:\w+\.)?(?:rename|renameSync)", _K.MOVE_OUT),
        _Call(r"(?:\w+\.)?(?:chmod|chmodSync|chown|chownSync|lchown)", _K.PERMISSION),
        _Call(r"(?:\w+\.)?(?:writeFile|writeFileSync|outputFile|mkdir|mkdirSync|copyFile|copyFileSync|appendFile"
              r"|appendFileSync|createWriteStream)|Bun\.write|Deno\.writeTextFile", _K.CREATE),
        _Call(r"(?:\w+\.)?(?:readFile|readFileSync|readdir|readdirSync|existsSync|statSync|createReadStream)", _K.READ),
        _Call(r"process\.kill", _K.PROCESS_KILL, "process"),
        _Call(r"(?:\w+\.)?(?:execSync|execFileSync|execFile|spawnSync|spawn)|(?:child_process|cp)\.exec"
              r"|(?<![\w.])exec|\$|execa(?:\.command)?", _K.EXEC_OPAQUE, "shell"),
        _Call(r"eval|new Function|vm\.runIn\w+", _K.EXEC_OPAQUE, "code"),
        _Call(r"axios\.delete|\w+\.del", _K.REMOTE_DELETE, "url"),
        _Call(r"(?:\w+\.)*(?:deleteMany|deleteOne|findOneAndDelete|findByIdAndDelete|findByIdAndRemove|dropDatabase"
              r"|dropCollection|dropTable|flushall|flushdb|flushAll|flushDb)", _K.REMOTE_DELETE, "none"),
        _Call(r"db\.(?:\w+|getCollection\([^)]{0,100}\))\.(?:drop|remove)|db\.(?:dropUser"
              r"|dropAllUsers)", _K.REMOTE_DELETE, "none"),
        _Call(r"(?:\w+\.)?(?:query|execute|raw|\$executeRawUnsafe)", _K.NONE, "sql"),
    ),
    "ruby": (
        _Call(r"File\.(?:delete|unlink)|Dir\.(?:rmdir|delete|unlink)|FileUtils\.(?:rm|rm_f|remove"
              r"|safe_unlink)", _K.DELETE),
        _Call(r"FileUtils\.(?:rm_r|rm_rf|rmtree|remove_dir|remove_entry\w*)", _K.DELETE, "path", 3),
        _Call(r"File\.truncate", _K.OVERWRITE),
        _Call(r"File\.rename|FileUtils\.(?:mv|move)", _K.MOVE_OUT),
        _Call(r"File\.(?:chmod|chown)|FileUtils\.(?:chmod|chown)\w*", _K.PERMISSION, "none"),
        _Call(r"File\.write|IO\.write|FileUtils\.(?:mkdir\w*|cp\w*|touch)|Dir\.mkdir", _K.CREATE),
        _Call(r"File\.(?:read|readlines|exist\?)|IO\.read|Dir\.(?:glob|entries|children)", _K.READ),
        _Call(r"Process\.kill", _K.PROCESS_KILL, "none"),
        _Call(r"system|exec|spawn|IO\.popen|Open3\.\w+|%x", _K.EXEC_OPAQUE, "shell"),
        _Call(r"eval|instance_eval|class_eval|load", _K.EXEC_OPAQUE, "code"),
        _Call(r"(?:\w+[.:]+)*(?:delete_all|destroy_all|destroy!?|drop_table|drop_database)", _K.REMOTE_DELETE, "none"),
        _Call(r"Net::HTTP::Delete\.new", _K.REMOTE_DELETE, "url"),
    ),
    "perl": (
        _Call(r"unlink|rmdir", _K.DELETE),
        _Call(r"rmtree|remove_tree|File::Path::(?:rmtree|remove_tree)", _K.DELETE, "path", 3),
        _Call(r"truncate", _K.OVERWRITE),
        _Call(r"rename|move", _K.MOVE_OUT),
        _Call(r"chmod|chown", _K.PERMISSION, "none"),
        _Call(r"mkdir|make_path|copy", _K.CREATE),
        _Call(r"kill", _K.PROCESS_KILL, "none"),
        _Call(r"system|exec|qx", _K.EXEC_OPAQUE, "shell"),
        _Call(r"eval", _K.EXEC_OPAQUE, "code"),
    ),
    "php": (
        _Call(r"unlink|rmdir|Storage::delete|File::delete", _K.DELETE),
        _Call(r"(?:Storage|File)::deleteDirectory", _K.DELETE, "path", 3),
        _Call(r"ftruncate", _K.OVERWRITE),
        _Call(r"rename", _K.MOVE_OUT),
        _Call(r"chmod|chown|chgrp", _K.PERMISSION),
        _Call(r"file_put_contents|mkdir|touch|copy|move_uploaded_file", _K.CREATE),
        _Call(r"file_get_contents|readfile|scandir|file_exists", _K.READ),
        _Call(r"posix_kill", _K.PROCESS_KILL, "process"),
        _Call(r"system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec", _K.EXEC_OPAQUE, "shell"),
        _Call(r"eval|assert|create_function|include(?:_once)?|require(?:_once)?", _K.EXEC_OPAQUE, "code"),
        _Call(r"(?:\$\w+->|\w+::)?(?:query|exec|prepare|mysqli_query)", _K.NONE, "sql"),
        _Call(r"(?:\$\w+->|\w+::)?(?:forceDelete|deleteMany|dropTable|dropIfExists)", _K.REMOTE_DELETE, "none"),
    ),
}  # fmt: skip
_COMMENTS = {
    "javascript": re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL),
    "php": re.compile(rf"{_STRING}|//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL),
    "ruby": re.compile(rf"{_STRING}|#(?!\{{)[^\n]*", re.DOTALL),
    "perl": re.compile(rf"{_STRING}|(?<![$\w])#[^\n]*", re.DOTALL),
}
# What a call's name may not follow: a sigil or a receiver would make it another thing.
_BEFORE = {"javascript": r"\w$@.", "ruby": r"\w$@.:", "perl": r"\w$@%&>:", "php": r"\w>:"}
_PATTERNS = {
    language: tuple(
        (
            call,
            re.compile(
                rf"(?<![{_BEFORE[language]}])(?:{call.names})(?![\w:])\s*(?:\(\s*"
                rf"|(?=['\"`\s$@]))(?P<first>\[?\s*{_STRING})?"
            ),
        )
        for call in calls
    )
    for language, calls in _TABLES.items()
}
_STRINGS = re.compile(_STRING, re.DOTALL)
_BACKTICK = re.compile(r"`([^`\n]{1,4000})`|%x[({\[]([^)}\]\n]{1,4000})[)}\]]|qx[({/]([^)}/\n]{1,4000})[)}/]")
_REQUIRE = re.compile(r"require\(\s*['\"](?:node:)?(?P<module>fs|child_process)(?:/promises)?['\"]\s*\)")
_FETCH = re.compile(
    r"\bfetch\s*\(\s*(?P<url>" + _STRING + r")?(?P<rest>[^;]{0,1500}?method\s*:\s*['\"](?P<method>\w+)['\"])", re.DOTALL
)
_PERL_WRITE = re.compile(
    r"\bopen\s*\(?\s*(?:my\s+)?\$?\w+\s*,\s*['\"](?P<mode>\+?>{1,2})(?P<path>[^'\"]*)['\"](?:\s*,\s*(?P<later>"
    + _STRING
    + r"))?"
)
_PHP_WRITE = re.compile(r"\bfopen\s*\(\s*(?P<path>" + _STRING + r")?[^,)]*,\s*['\"](?P<mode>[wax]b?\+?)['\"]")
# One line that reads as a command with an option or a path: no code of these languages.
_SHELL_LIKE = re.compile(
    r"\s*(?:sudo\s+)?[a-z][\w.-]{0,30}(?:\s+[\w./~-]+){0,6}?\s+(?:--?[A-Za-z]|[/~])[^\n;(){}=]*\s*$"
)
LANGUAGES = frozenset({*_TABLES, "powershell"})


def classify_script(text: str, language: str, shell: Shell | None = None) -> Effects:
    """The effects of a script in one of :data:`LANGUAGES`; ``shell`` classifies what it hands to a shell."""
    too_long = len(text) > MAX_TEXT
    text = text[:MAX_TEXT]
    if language == "powershell":
        found = list(_powershell(text, shell))
    else:
        found = list(_calls(_blanked(text, language), text, language, shell))
    if too_long:
        found.append(make(_K.UNKNOWN, "script.too-long", note="too long to be read whole"))
    if not found and shell is not None and _SHELL_LIKE.match(text):
        return tuple(
            replace(effect, confidence=0.5, note=f"a shell command given to {language}") for effect in shell(text)
        )
    return distinct(found) or (make(_K.NONE, f"{language}.compute", confidence=0.6),)


def _blanked(text: str, language: str) -> str:
    """Comments replaced by blanks; positions stay."""
    text = _COMMENTS[language].sub(lambda m: m[0] if m[0][0] in "'\"`" else " " * len(m[0]), text)
    return _REQUIRE.sub(lambda m: m["module"].rjust(len(m[0])), text) if language == "javascript" else text


def _inside_string(spans: list[tuple[int, int]], place: int) -> bool:
    """Whether a position lies inside a string, by bisection over the sorted spans."""
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][1] <= place:
            low = middle + 1
        else:
            high = middle
    return low < len(spans) and spans[low][0] < place


def _calls(code: str, text: str, language: str, shell: Shell | None) -> Iterator[Effect]:
    strings = [match.span() for match in _STRINGS.finditer(code)]
    taken: set[int] = set()
    for call, pattern in _PATTERNS[language]:
        for number, match in enumerate(pattern.finditer(code)):
            if number > MAX_CALLS or match.start() in taken or _inside_string(strings, match.start()):
                continue
            taken.add(match.start())
            yield from _effects(call, match, text, language, shell)
    if language in ("ruby", "perl", "php"):
        for match in _BACKTICK.finditer(code):
            command = next(part for part in match.groups() if part)
            yield from _shell(_unescaped(command), Span(*match.span()), "backticks", shell)
    if language == "javascript":
        for match in _FETCH.finditer(code):
            if not _inside_string(strings, match.start()):
                url = _content(match["url"]) if match["url"] else ""
                yield from classify_http(match["method"], url, match["rest"], span=Span(*match.span()))
    for match in (
        (_PERL_WRITE if language == "perl" else _PHP_WRITE).finditer(code) if language in ("perl", "php") else ()
    ):
        path = match["path"] or ""
        later = match.groupdict().get("later")
        path = _content(later) if later else path.strip("'\" ")
        yield make(
            _K.CREATE, f"{language}.open-write", target=path_target(path) if path else None, span=Span(*match.span())
        )


def _effects(call: _Call, match: re.Match[str], text: str, language: str, shell: Shell | None) -> Iterator[Effect]:
    name = re.split(r"[\s(]", match[0], maxsplit=1)[0] or match[0].strip()
    rule = f"{language}.{name}"[:60]
    span = Span(match.start(), min(_close(text, match.end()), match.end() + 200))
    first = _content(match["first"].lstrip("[ \n")) if match["first"] else None
    if call.argument == "shell":
        if first is None:
            yield make(_K.EXEC_OPAQUE, rule, span=span, confidence=0.7)
            return
        words = [_content(item) for item in _STRINGS.findall(text[match.start("first") : span.end])[:50]]
        listed = language == "javascript" or len(words) > 1
        yield from _shell(" ".join(words) if listed and " " not in first else first, span, name, shell)
    elif call.argument == "code":
        if first is None or language == "php" or name == "load":
            yield make(
                _K.EXEC_OPAQUE, rule, span=span, target=Target("path", clip(first)) if first else None, confidence=0.7
            )
        else:
            yield from under(classify_script(first, language, shell), name, span=span)
    elif call.argument == "sql":
        if first is not None and re.match(
            r"\s*(?:delete|drop|truncate|update|insert|alter|create|grant|revoke|select|with|merge)\b",
            first,
            re.IGNORECASE,
        ):
            yield from under(classify_sql(first, shell, depth=1), name, span=span)
    elif call.argument == "url":
        yield make(call.kind, rule, target=Target("url", clip(first)) if first else None, span=span)
    else:
        target = None
        if first and call.argument != "none":
            target = path_target(first) if call.argument == "path" else Target(call.argument, clip(first))
        recursive = call.kind is _K.DELETE and "recursive" in text[match.end() : match.end() + 100]
        severity = 3 if recursive else call.severity
        yield make(call.kind, rule, target=target, span=span, severity=severity, confidence=0.9)


def _close(text: str, place: int) -> int:
    end = text.find(")", place, place + 400)
    return end + 1 if end >= 0 else place


def _content(literal: str) -> str:
    return _unescaped(literal.strip()[1:-1])


def _unescaped(text: str) -> str:
    return re.sub(r"\\(['\"`\\])", r"\1", re.sub(r"[#$]\{([^}]{0,100})\}", r"$x", text))


def _shell(command: str, span: Span, via: str, shell: Shell | None) -> Effects:
    if shell is None:
        return (make(_K.EXEC_OPAQUE, "script.shell", target=Target("command", clip(command)), span=span, via=(via,)),)
    return under(shell(command), via, span=span)


_CMDLETS: tuple[tuple[re.Pattern[str], EffectKind, int | None, str], ...] = tuple(
    (re.compile(rf"(?:{names})$", re.IGNORECASE), kind, severity, type_)
    for names, kind, severity, type_ in (
        (r"remove-item|ri|del|erase|rd|rmdir|rm", _K.DELETE, None, "path"),
        (r"remove-itemproperty|clear-itemproperty", _K.DELETE, None, "registry"),
        (r"clear-content|clc", _K.OVERWRITE, None, "path"),
        (r"set-content|sc|out-file|add-content|ac|new-item|ni|copy-item|cp|copy|cpi|export-\w+"
         r"|tee-object", _K.CREATE, None, "path"),
        (r"move-item|mv|move|mi|rename-item|ren|rni", _K.MOVE_OUT, None, "path"),
        (r"set-acl|icacls|takeown|cacls", _K.PERMISSION, None, "path"),
        (r"stop-process|kill|spps|stop-service|spsv|stop-vm|suspend-service|taskkill"
         r"|stop-computerprocess", _K.PROCESS_KILL, None, "process"),
        (r"stop-computer|restart-computer|shutdown", _K.HOST_DOWN, None, "host"),
        (r"format-volume|clear-disk|remove-partition|initialize-disk|reset-physicaldisk", _K.DISK_WIPE, None, "volume"),
        (r"clear-eventlog|remove-eventlog|limit-eventlog|wevtutil|clear-history", _K.LOG_CLEAR, None, "log"),
        (r"remove-(?:localuser|aduser|azaduser|mguser|localgroupmember|adgroupmember)|disable-(?:localuser"
         r"|adaccount)|set-(?:localuser|adaccountpassword)", _K.ACCOUNT, None, "account"),
        (r"set-mppreference|disable-(?:netfirewallrule|windowsoptionalfeature)|uninstall-windowsfeature"
         r"|set-netfirewallprofile|remove-netfirewallrule|set-executionpolicy"
         r"|remove-mppreference", _K.DEFENSE_OFF, None, "protection"),
        (r"vssadmin|remove-vmsnapshot|disable-computerrestore|wbadmin|bcdedit"
         r"|checkpoint-restore", _K.RECOVERY_DESTROY, None, "snapshot"),
        (r"uninstall-(?:package|module)|remove-(?:package|appxpackage|windowspackage)", _K.PKG_REMOVE, None, "package"),
        (r"remove-(?:az|gc|ec2|s3|rds|sql|vm|mg|dns|iis|web|smb|print|spo|mailbox"
         r"|ad)\w*", _K.REMOTE_DELETE, None, "object"),
        (r"set-\w+|enable-\w+|update-\w+|start-\w+|restart-\w+", _K.MODIFY, None, "object"),
        (r"remove-\w+|clear-\w+", _K.DELETE, None, "object"),
        (r"send-mailmessage", _K.NET_EGRESS, None, "recipient"),
        (r"get-\w+|gci|gc|cat|dir|ls|type|select-\w+|where-\w+|where|foreach-\w+|foreach|sort-\w+|measure-\w+"
         r"|test-\w+|write-\w+|echo|format-\w+|ft|fl|out-\w+|convert\w*-\w+|import-\w+|compare-\w+|group-\w+"
         r"|join-path|split-path|resolve-path|\?|%|cd|set-location|pwd", _K.READ, None, "path"),
    )
)  # fmt: skip
_PS_SPLIT = re.compile(r"""'(?:[^']|'')*'|"(?:[^"`]|`.)*"|[;|\n{}()]+|&&""", re.DOTALL)
_PS_WORD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"`]|`.)*"|[^\s'"]+""")
_ENCODED = re.compile(r"-e(?:c|nc|ncodedcommand)?\s+['\"]?(?P<code>[A-Za-z0-9+/=]{8,})", re.IGNORECASE)


def _powershell(text: str, shell: Shell | None, depth: int = 0) -> Iterator[Effect]:
    text = re.sub(r"<#.*?(?:#>|\Z)|(?<![\w`])#[^\n]*", lambda m: " " * len(m[0]), text, flags=re.DOTALL)
    encoded = _ENCODED.search(text)
    if encoded and depth < 4:
        inner = _decoded(encoded["code"])
        if inner is None:
            yield make(_K.EXEC_OPAQUE, "powershell.encoded", span=Span(*encoded.span()))
        else:
            yield from under(tuple(_powershell(inner, shell, depth + 1)), "-EncodedCommand", span=Span(*encoded.span()))
    start = 0
    pieces: list[tuple[int, int]] = []
    for match in _PS_SPLIT.finditer(text):
        if match[0][0] in "'\"":
            continue
        pieces.append((start, match.start()))
        start = match.end()
    pieces.append((start, len(text)))
    for begin, end in pieces[:MAX_CALLS]:
        words = _PS_WORD.findall(text[begin : min(end, begin + 4000)])
        while words and (
            words[0] in ("&", ".", "return", "if", "else", "try", "catch", "finally", "do", "=")
            or words[0].startswith("$")
        ):
            words.pop(0)
        if words:
            yield from _cmdlet([word.strip("'\"") for word in words], Span(begin, end), shell)


def _cmdlet(words: list[str], span: Span, shell: Shell | None) -> Iterator[Effect]:
    name = words[0].replace("`", "")
    options = [word.lower() for word in words[1:] if word.startswith("-")]
    if name.lower() in ("iex", "invoke-expression"):
        remote = any(
            word.lower() in ("iwr", "irm", "curl", "wget", "invoke-webrequest", "downloadstring") for word in words
        )
        yield make(_K.EXEC_REMOTE if remote else _K.EXEC_OPAQUE, "powershell.invoke-expression", span=span)
        return
    if name.lower() in ("invoke-webrequest", "invoke-restmethod", "iwr", "irm", "curl", "wget"):
        method = next((words[i + 1] for i, word in enumerate(words[:-1]) if word.lower().startswith("-me")), "GET")
        url = next((word for word in words[1:] if "://" in word), "")
        body = "{…}" if any(option.startswith(("-b", "-inf")) for option in options) else None
        yield from classify_http(method, url, body, span=span)
        return
    for pattern, kind, severity, type_ in _CMDLETS:
        if not pattern.match(name):
            continue
        operands = [
            word
            for i, word in enumerate(words[1:], 1)
            if not word.startswith("-")
            and words[i - 1].lower()
            not in ("-exclude", "-filter", "-include", "-erroraction", "-ea", "-itemtype", "-force:")
        ]
        recursive = any(option.startswith(("-r", "-rec")) for option in options) and kind is _K.DELETE
        value = operands[0] if operands else ""
        target = (
            None
            if not value
            else path_target(value, "tree" if recursive else "one")
            if type_ == "path"
            else Target(type_, clip(value))
        )
        if any(option.startswith(("-whatif", "-wh")) for option in options):
            kind = _K.READ
        yield make(
            kind,
            f"powershell.{name.lower()}",
            span=span,
            target=target,
            severity=3 if recursive else severity,
            confidence=0.8,
        )
        return


def _decoded(code: str) -> str | None:
    try:
        return base64.b64decode(code + "=" * (-len(code) % 4)).decode("utf-16-le")
    except (binascii.Error, ValueError):
        return None
