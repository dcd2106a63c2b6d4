"""Made a `sitecustomize` by tests: takes away from Python, in this process, what Windows does not have.

`sys.platform` stays, since libraries would look for modules that are not here; only the lock of the store,
which chooses when it is imported, is made to choose as on Windows.
"""

# What these use of Linux they keep: they have parts of their own for Windows.
import asyncio
import contextlib
import fcntl
import getpass  # noqa: F401 - imported before `pwd` is gone, as it is on Windows
import os
import select
import shutil  # noqa: F401
import signal
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401
import types

NAMES = {
    os: (
        "getuid",
        "geteuid",
        "getgid",
        "getegid",
        "getgroups",
        "fork",
        "setsid",
        "chown",
        "uname",
    ),
    signal: ("SIGHUP", "SIGALRM", "SIGUSR2", "SIGQUIT", "pthread_sigmask", "sigwait"),
    select: ("poll", "epoll"),
    asyncio.unix_events._UnixSelectorEventLoop: ("add_signal_handler", "remove_signal_handler"),
}
MODULES = ("fcntl", "grp", "pwd", "resource", "syslog", "termios")


def locking(descriptor: int, _mode: int, _count: int) -> None:
    """Lock as `msvcrt` does: at once or not at all, until the file is closed."""
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


sys.modules["msvcrt"] = types.ModuleType("msvcrt")
sys.modules["msvcrt"].locking, sys.modules["msvcrt"].LK_NBLCK = locking, 2
import runner.adapters.ledger.workplace  # noqa: E402 - with the platform as it is, and so its libraries

sys.platform = "win32"
import runner.adapters.store_lock  # noqa: E402, F401

sys.platform = "linux"
del sys.modules["msvcrt"]
for owner, names in NAMES.items():
    for name in names:
        with contextlib.suppress(AttributeError):
            delattr(owner, name)
for name in MODULES:
    sys.modules[name] = None
# A signal that Windows has and this system has not.
signal.SIGBREAK = signal.SIGUSR1
