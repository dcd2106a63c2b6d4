"""The API comes and goes with the daemon, and never stands in its way."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import stat
import time
from types import SimpleNamespace

import pytest
from support.served import free_port, served

from runner.model.settings import WebSettings
from runner.web import guard
from runner.web import server as serving
from runner.web.server import ApiServer


def wait_for(met, *, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def named(api, name):
    return [event for event in api.log.events if event.name == name]


def test_a_port_that_is_taken_is_told_once_and_taken_over_when_it_is_free(tmp_path):
    port = free_port()
    taken = socket.create_server(("127.0.0.1", port))
    with served(tmp_path, port=port, wait=False) as api:
        wait_for(lambda: named(api, "api.unavailable"))
        wait_for(lambda: named(api, "campaign.planned"))
        assert named(api, "api.listening") == []
        taken.close()
        wait_for(lambda: named(api, "api.listening"))
        assert api.ask("/readyz").status == 200
        assert len(named(api, "api.unavailable")) == 1
    assert api.log.failures == []


def test_a_certificate_that_cannot_be_read_keeps_only_the_api_away(tmp_path):
    web = {"certfile": "cert.pem", "keyfile": "key.pem"}
    with served(tmp_path, web=web, wait=False) as api:
        wait_for(lambda: named(api, "api.unavailable") and named(api, "campaign.planned"))
    assert named(api, "api.listening") == []


def test_a_token_that_others_may_read_is_told_and_lets_nobody_in(tmp_path):
    with served(tmp_path) as api:
        token = api.token
        api.token_file.chmod(0o644)
        assert api.ask("/api/v1/status", token=token).status == 503
        assert api.ask("/healthz").status == 200
        wait_for(lambda: named(api, "api.unavailable"))
        (told,) = named(api, "api.unavailable")
        assert "delete it" in told.fields["reason"]
        api.token_file.unlink()
        assert api.ask("/api/v1/status", token=token).status == 401
        assert api.ask("/api/v1/status").status == 200


def test_the_daemon_ends_at_once_whatever_clients_do(tmp_path):
    with served(tmp_path) as api:
        idle = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(5)]
        idle[0].sendall(b"POST /api/v1/pause HTTP/1.1\r\nHost: x")
        began = time.monotonic()
    assert time.monotonic() - began < 3
    for line in idle:
        line.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", api.port))


def test_more_connections_than_are_taken_are_closed(tmp_path):
    with served(tmp_path) as api:
        held = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(serving.MOST_CONNECTIONS)]
        assert api.send(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n\r\n".encode()) == b""
        for line in held:
            line.close()
        wait_for(lambda: api.ask("/healthz").status == 200)


def test_a_request_that_does_not_arrive_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "RECEIVE_SECONDS", 0.2)
    with served(tmp_path) as api, socket.create_connection(("127.0.0.1", api.port), timeout=10) as line:
        head = f"POST /api/v1/pause HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n"
        head += f"Authorization: Bearer {api.token}\r\n"
        head += "Content-Type: application/json\r\nContent-Length: 12\r\n\r\n"
        line.sendall(head.encode() + b'{"all"')
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")
        assert api.ask("/api/v1/status").json["pauses"] == []


def test_too_many_requests_are_refused_and_those_without_a_token_use_up_nothing_of_the_others(
    tmp_path, monkeypatch
):
    # However slowly this machine asks, it is too much.
    monkeypatch.setattr(guard, "PER_SECOND", 0.001)
    monkeypatch.setattr(guard, "REFUSED_PER_SECOND", 0.001)
    with served(tmp_path) as api:
        without = [api.ask("/api/v1/hosts", token="x" * 43).status for _ in range(30)]
        assert without[0] == 401
        assert without[-1] == 429
        assert api.ask("/api/v1/hosts").status == 200
        many = {api.ask("/api/v1/hosts").status for _ in range(150)}
        assert many == {200, 429}
        assert api.ask("/readyz").status == 200


def test_a_unix_socket_is_for_its_owner_alone(tmp_path):
    with served(tmp_path, web={"listen": "unix:run/api.sock"}) as api:
        path = tmp_path / "run/api.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        answer = ask_socket(path, token=api.token)
        assert answer.status == 200
        assert ask_socket(path, token="").status == 401
        assert ask_socket(path, token=api.token, host="evil.example").status == 421
        assert list(path.parent.iterdir()) == [path]
    assert not path.exists()


def test_a_socket_that_a_crash_left_behind_is_taken_over(tmp_path):
    path = tmp_path / "run/api.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with served(tmp_path, web={"listen": "unix:run/api.sock"}) as api:
        assert ask_socket(path, token=api.token).status == 200


def test_a_second_daemon_leaves_the_socket_to_the_first(tmp_path):
    path = tmp_path / "api.sock"
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    with served(folders[0], web={"listen": f"unix:{path}"}) as first:
        with served(folders[1], web={"listen": f"unix:{path}"}, wait=False) as second:
            wait_for(lambda: named(second, "api.unavailable") and named(second, "campaign.planned"))
            (told,) = named(second, "api.unavailable")
            assert told.fields["reason"] == f"{path}: another program listens on this socket"
            assert ask_socket(path, token=first.token).status == 200
        assert ask_socket(path, token=first.token).status == 200
    assert not path.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.0.2.1"])  # noqa: S104 - it must not listen there
def test_nothing_listens_elsewhere_without_tls_whatever_the_config_said(host):
    server = ApiServer(WebSettings(host=host, port=1), SimpleNamespace())
    with pytest.raises(ValueError, match="no certificate"):
        asyncio.run(server.start())


def ask_socket(path, *, token, host="localhost"):
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.fspath(path))
    connection = http.client.HTTPConnection(host)
    connection.sock = line
    connection.request("GET", "/api/v1/hosts", headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response
