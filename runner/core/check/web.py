"""Check where the HTTP API is to be served: on this machine, or with TLS."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from runner.model.settings import WebSettings
from runner.rules import Rule

if TYPE_CHECKING:
    from runner.core.check.findings import Findings
    from runner.model.config_file import WebFile

OFF = "off"
TOKEN_FILE = "api.token"  # noqa: S105 - the name of a file
_UNIX = "unix:"
_SQLITE = "sqlite:///"
_NAME = re.compile(r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?")
_MOST_PORT = 65_535
_LONGEST_SOCKET_PATH = 100
"""Unix systems take a little more."""


def check_web(file: WebFile, *, folder: FilePath, store: str, findings: Findings) -> WebSettings:
    """Return where the API is served; `store` is the checked address of the ledger, beside which we write."""
    if file.listen == OFF:
        return WebSettings()
    token_file = folder / file.token_file if file.token_file else _state_folder(store, folder) / TOKEN_FILE
    if file.listen.startswith(_UNIX):
        socket = folder / file.listen.removeprefix(_UNIX)
        if len(str(socket)) > _LONGEST_SOCKET_PATH or socket == folder:
            message = (
                f"the path of a socket has 1 to {_LONGEST_SOCKET_PATH} characters; choose another folder"
            )
            findings.error(("web", "listen"), message, rule=Rule.LISTEN_ADDRESS)
        return WebSettings(
            socket=socket, token_file=token_file, names=_names(file, findings), metrics_open=_is_open(file)
        )
    match = _NAME.fullmatch(file.listen)
    if match is None or not match["port"] or not 0 < int(match["port"]) <= _MOST_PORT:
        message = f'`{file.listen[:60]}` is not an address with its port; write e.g. "127.0.0.1:8642"'
        findings.error(("web", "listen"), message, rule=Rule.LISTEN_ADDRESS)
        return WebSettings()
    host = match["host"].strip("[]")
    _check_tls(file, host=host, findings=findings)
    return WebSettings(
        host=host,
        port=int(match["port"]),
        token_file=token_file,
        certfile=folder / file.certfile if file.certfile else None,
        keyfile=folder / file.keyfile if file.keyfile else None,
        names=_names(file, findings),
        metrics_open=_is_open(file),
    )


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only; of names only `localhost` surely is."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_tls(file: WebFile, *, host: str, findings: Findings) -> None:
    given = [key for key in ("certfile", "keyfile") if getattr(file, key)]
    if len(given) == 1:
        message = "`certfile` and `keyfile` belong together; write both"
        findings.error(("web", given[0]), message, rule=Rule.LISTEN_ADDRESS)
    elif not given and not is_loopback(host):
        message = (
            f"`{host[:60]}` can be reached from other machines, which needs TLS: write `certfile` "
            "and `keyfile`, or listen on 127.0.0.1"
        )
        findings.error(("web", "listen"), message, rule=Rule.LISTEN_ADDRESS)


def _names(file: WebFile, findings: Findings) -> tuple[str, ...]:
    for number, name in enumerate(file.names or ()):
        match = _NAME.fullmatch(name)
        if match is None or int(match["port"] or 1) > _MOST_PORT:
            message = f"`{name[:60]}` is not a name with its port; write e.g. runner.example:8642"
            findings.error(("web", "names", number), message, rule=Rule.LISTEN_ADDRESS)
    return tuple(name.lower() for name in file.names or ())


def _is_open(file: WebFile) -> bool:
    return file.metrics == "open"


def _state_folder(store: str, folder: FilePath) -> FilePath:
    return FilePath(store.removeprefix(_SQLITE)).parent if store.startswith(_SQLITE) else folder / "state"
