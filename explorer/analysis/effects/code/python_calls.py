"""What well-known Python functions and methods do to files, processes, accounts and remote objects.

Data only. A function is named by where it is defined (``os.remove``), a method by the type of its object
(``pathlib.Path.unlink``) or, where its name alone is telling, by ``*.name``. ``list.remove``, ``set.discard`` and
``dict.pop`` are not here: they change nothing outside the program.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.effects.shared.making import words
from explorer.model.effect import EffectKind

_K = EffectKind


class CallSpec(NamedTuple):
    """``place`` of the argument that is acted on (-1 = the object itself, -2 = none), its type, the scope, and the
    severity where the taxonomy's value does not fit."""

    kind: EffectKind
    place: int = 0
    type: str = "path"
    scope: str = "one"
    severity: int | None = None
    confidence: float = 1.0
    reversible: bool | None = None


def _many(names: str, spec: CallSpec) -> dict[str, CallSpec]:
    return dict.fromkeys(names.split(), spec)


CALLS: dict[str, CallSpec] = {
    **_many("os.remove os.unlink os.rmdir posix.remove posix.unlink posix.rmdir nt.remove "
            "nt.unlink", CallSpec(_K.DELETE)),
    **_many("pathlib.Path.unlink pathlib.Path.rmdir", CallSpec(_K.DELETE, -1)),
    **_many("os.removedirs shutil.rmtree setuptools.distutils.dir_util.remove_tree distutils.dir_util.remove_tree",
            CallSpec(_K.DELETE, 0, "path", "tree", 3)),
    **_many("send2trash.send2trash", CallSpec(_K.DELETE, 0, severity=1, reversible=True)),
    **_many("os.truncate os.ftruncate", CallSpec(_K.OVERWRITE)),
    **_many("os.rename os.renames os.replace shutil.move", CallSpec(_K.MOVE_OUT)),
    **_many("pathlib.Path.rename pathlib.Path.replace", CallSpec(_K.MOVE_OUT, -1)),
    **_many("os.chmod os.lchmod os.fchmod os.chown os.lchown os.fchown shutil.chown os.chflags shutil.copymode",
            CallSpec(_K.PERMISSION)),
    **_many("pathlib.Path.chmod pathlib.Path.lchmod", CallSpec(_K.PERMISSION, -1)),
    **_many("os.kill os.killpg signal.pthread_kill", CallSpec(_K.PROCESS_KILL, 0, "process")),
    **_many("psutil.Process.kill psutil.Process.terminate psutil.Process.suspend", CallSpec(_K.PROCESS_KILL, -2)),
    **_many("os.mkdir os.makedirs os.mknod os.mkfifo zipfile.ZipFile tarfile.open "
            "shutil.make_archive", CallSpec(_K.CREATE)),
    **_many("pathlib.Path.touch pathlib.Path.mkdir pathlib.Path.symlink_to "
            "pathlib.Path.hardlink_to", CallSpec(_K.CREATE, -1)),
    **_many("os.symlink os.link shutil.copy shutil.copy2 shutil.copyfile shutil.copytree torch.save json.dump "
            "pickle.dump"
            " joblib.dump yaml.dump urllib.request.urlretrieve", CallSpec(_K.CREATE, 1)),
    **_many("numpy.save numpy.savez numpy.savetxt matplotlib.pyplot.savefig cv2.imwrite "
            "imageio.imwrite", CallSpec(_K.CREATE)),
    **_many("*.to_csv *.to_excel *.to_parquet *.to_json *.to_pickle *.to_feather *.to_html *.savefig *.save_pretrained",
            CallSpec(_K.CREATE)),
    **_many("*.to_sql", CallSpec(_K.CREATE, 0, "table")),
    **_many("os.setxattr os.removexattr os.utime", CallSpec(_K.MODIFY)),
    **_many("os.environ.pop os.putenv os.unsetenv os.chdir", CallSpec(_K.NONE, -2)),
    **_many("os.listdir os.scandir os.walk os.stat os.path.exists os.path.getsize os.path.isfile glob.glob "
            "shutil.disk_usage"
            " pandas.read_csv pandas.read_excel pandas.read_json pandas.read_parquet numpy.load json.load"
            " urllib.request.urlopen platform.uname psutil.process_iter", CallSpec(_K.READ)),
    **_many("pathlib.Path.read_text pathlib.Path.read_bytes pathlib.Path.exists "
            "pathlib.Path.iterdir", CallSpec(_K.READ, -1)),
    # Databases, queues, object stores.
    **_many("*.delete_one *.find_one_and_delete", CallSpec(_K.REMOTE_DELETE, -2)),
    **_many("*.delete_many *.delete_objects *.bulk_delete "
            "*.delete_by_query", CallSpec(_K.REMOTE_DELETE, -2, scope="many")),
    **_many("*.drop_collection *.drop_database *.delete_bucket *.delete_table *.drop_all *.flushall *.flushdb"
            " *.delete_db_instance *.delete_stack *.delete_cluster *.terminate_instances *.purge_queue *.delete_topic"
            " *.delete_index *.drop_table *.delete_queue *.delete_collection *.delete_volume *.delete_function",
            CallSpec(_K.REMOTE_DELETE, 0, "object", "tree", 4)),
    **_many("*.delete_object *.delete_blob *.delete_item  *.delete_message *.delete_record *.delete_event"
            " *.delete_repo *.delete_issue *.delete_branch *.delete_namespaced_pod *.delete_namespaced_deployment",
            CallSpec(_K.REMOTE_DELETE, 0, "object")),
    **_many("*.delete_snapshot *.delete_backup *.delete_db_snapshot *.delete_recovery_point",
            CallSpec(_K.RECOVERY_DESTROY, 0, "snapshot")),
    **_many("*.delete_user *.remove_user *.delete_access_key *.deactivate_user *.delete_login_profile *.set_password"
            " *.change_password *.update_login_profile *.revoke_token", CallSpec(_K.ACCOUNT, 0, "account")),
    **_many("*.put_bucket_acl *.put_bucket_policy *.attach_user_policy *.attach_role_policy *.delete_bucket_policy"
            " *.put_object_acl", CallSpec(_K.PERMISSION, 0, "object")),
    **_many("*.stop_instances *.stop_container", CallSpec(_K.PROCESS_KILL, 0, "object")),
    **_many("redis.Redis.delete redis.Redis.unlink", CallSpec(_K.REMOTE_DELETE, 0, "key")),
    **_many("ftplib.FTP.delete ftplib.FTP.rmd", CallSpec(_K.REMOTE_DELETE)),
    **_many("sftp.remove sftp.rmdir", CallSpec(_K.REMOTE_DELETE)),
    **_many("*.delete_file *.remove_file *.safe_delete *.secure_delete", CallSpec(_K.DELETE, 0, confidence=0.7)),
    # Distinctive method names on objects of unknown type.
    **_many("*.unlink *.rmdir", CallSpec(_K.DELETE, -1, confidence=0.8)),
    **_many("*.rmtree", CallSpec(_K.DELETE, 0, "path", "tree", 3, 0.8)),
    **_many("*.write_text *.write_bytes", CallSpec(_K.CREATE, -1)),
    **_many("*.chmod", CallSpec(_K.PERMISSION, -1, confidence=0.8)),
    **_many("smtplib.SMTP.sendmail smtplib.SMTP.send_message *.sendmail *.send_message *.chat_postMessage *.send_email",
            CallSpec(_K.NET_EGRESS, -2, "recipient", confidence=0.8)),
    **_many("socket.socket.send socket.socket.sendall socket.socket.sendto *.upload_file *.upload_fileobj *.put_object"
            " *.upload_from_filename ftplib.FTP.storbinary *.storbinary "
            "*.upload_blob", CallSpec(_K.NET_EGRESS, 0, "path")),
    **_many("winreg.DeleteKey winreg.DeleteValue", CallSpec(_K.DELETE, 1, "registry")),
    **_many("winreg.SetValueEx", CallSpec(_K.MODIFY, 1, "registry")),
    **_many("os._exit sys.exit", CallSpec(_K.NONE, -2)),
}  # fmt: skip

SHELL_TEXT = words(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput "
    "asyncio.create_subprocess_shell"
    " pty.spawn pexpect.spawn pexpect.run plumbum.local popen2.popen2 IPython.get_ipython().system"
)
"""Functions whose first argument is a shell text."""
SHELL_METHODS = frozenset(
    {"exec_command", "system", "getoutput", "run_line_magic", "run_cell_magic", "exec_run", "send_keys", "sudo"}
)
"""Methods whose first argument is a shell text, on objects of unknown type (SSH clients, IPython, containers)."""
PROCESS = words(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen"
    " asyncio.create_subprocess_exec invoke.run fabric.run sh.run"
)
"""Functions whose first argument is a command: a list, or a text with ``shell=True``."""
EXEC_FAMILY = frozenset(
    f"os.{name}"
    for name in [
        "execv",
        "execve",
        "execvp",
        "execvpe",
        "execl",
        "execle",
        "execlp",
        "execlpe",
        "spawnv",
        "spawnl",
        "spawnlp",
        "spawnvp",
        "posix_spawn",
    ]
)
CODE = words("exec eval builtins.exec builtins.eval compile code.interact runpy.run_code")
SCRIPTS = words("runpy.run_path execfile runpy.run_module")
SQL_METHODS = frozenset(
    {"execute", "executemany", "executescript", "read_sql", "read_sql_query", "sql", "exec_driver_sql", "raw"}
)
HTTP_MODULES = ("requests", "httpx", "aiohttp", "urllib3", "session")
FETCHES = ("requests.get", "requests.post", "httpx.get", "urllib.request.urlopen", "urlopen")
