"""Over TLS the API is what it is without, and nothing is said in the clear."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from support.served import served

OPENSSL = shutil.which("openssl") or ""
pytestmark = pytest.mark.skipif(not OPENSSL, reason="nothing here makes a certificate")


def made_certificate(folder):
    """Make a certificate for `localhost` that is signed by its own key."""
    key, certificate = str(folder / "key.pem"), str(folder / "cert.pem")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    more = ("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
    subprocess.run([OPENSSL, *words.split(), *more], check=True, capture_output=True)


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secured")
    made_certificate(folder)
    with served(folder, web={"certfile": "cert.pem", "keyfile": "key.pem"}) as api:
        yield api


def trusting(api):
    return ssl.create_default_context(cafile=str(api.folder / "cert.pem"))


def asked(api, path, *, context=None, headers=None, token=None, method="GET", body=None):
    connection = http.client.HTTPSConnection(
        "localhost", api.port, context=context or trusting(api), timeout=15
    )
    sent = {"Authorization": f"Bearer {api.token if token is None else token}", **(headers or {})}
    try:
        connection.request(method, path, headers=sent, body=body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_who_trusts_the_certificate_is_answered_and_needs_the_token(secured):
    assert asked(secured, "/api/v1/hosts")[0] == 200
    assert asked(secured, "/api/v1/hosts", token="x" * 43)[0] == 401
    assert asked(secured, "/api/v1/hosts", headers={"Host": "evil.example"})[0] == 421
    assert asked(secured, "/api/v1/hosts", headers={"Origin": f"https://localhost:{secured.port}"})[0] == 200
    assert asked(secured, "/api/v1/hosts", headers={"Origin": f"http://localhost:{secured.port}"})[0] == 403


def test_orders_are_taken(secured):
    kind = {"Content-Type": "application/json"}
    for name in ("pause", "resume"):
        status, said = asked(
            secured, f"/api/v1/{name}", method="POST", headers=kind, body=json.dumps({"all": True})
        )
        assert status == 200, said


def test_who_does_not_know_the_certificate_ends_the_conversation(secured):
    with pytest.raises(ssl.SSLCertVerificationError):
        asked(secured, "/healthz", context=ssl.create_default_context())


def test_old_versions_are_refused(secured):
    context = trusting(secured)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asked(secured, "/healthz", context=context)


def test_nothing_is_answered_in_the_clear(secured):
    request = f"GET /api/v1/hosts HTTP/1.1\r\nHost: localhost:{secured.port}\r\n\r\n"
    assert b"HTTP" not in secured.send(request.encode())


def test_a_client_that_reads_slowly_gets_all_of_a_long_answer(secured):
    whole = asked(secured, "/openapi.json")[1]
    with socket.socket() as line:
        # So little that the answer has to wait on the other side.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", secured.port))
        with trusting(secured).wrap_socket(line, server_hostname="localhost") as talk:
            head = f"GET /openapi.json HTTP/1.1\r\nHost: localhost:{secured.port}\r\n"
            talk.sendall(f"{head}Authorization: Bearer {secured.token}\r\n\r\n".encode())
            time.sleep(0.3)
            received = b""
            while some := talk.recv(16384):
                received += some
    assert received.partition(b"\r\n\r\n")[2] == whole


def test_the_daemon_ends_at_once_whoever_has_not_shaken_hands(tmp_path):
    made_certificate(tmp_path)
    with served(tmp_path, web={"certfile": "cert.pem", "keyfile": "key.pem"}) as api:
        silent = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(5)]
        assert asked(api, "/healthz")[0] == 200
        began = time.monotonic()
    assert time.monotonic() - began < 10
    for line in silent:
        line.close()
