"""Requests that are not what they seem, on a real socket: none of them is let through or does anything."""

from __future__ import annotations

import re
import socket
from contextlib import closing, suppress

import pytest
from support.served import served, wait_until

from runner.adapters.ledger import Reader
from runner.web import guard
from runner.web.routes import ROUTES

BODY = b'{"all":true}'
TOKEN = b"<token>"
PORT = b"<port>"


def request(
    line: bytes = b"POST /api/v1/pause HTTP/1.1",
    *,
    host: bytes | None = b"127.0.0.1:<port>",
    auth: bytes | None = b"Bearer <token>",
    kind: bytes | None = b"application/json",
    length: bytes | None = b"12",
    more: tuple[bytes, ...] = (),
    body: bytes = BODY,
) -> bytes:
    """Return a request that would pause everything, but for what is changed of it."""
    headers = [
        (b"Host", host),
        (b"Authorization", auth),
        (b"Content-Type", kind),
        (b"Content-Length", length),
    ]
    lines = [line, *(name + b": " + value for name, value in headers if value is not None), *more]
    return b"\r\n".join([*lines, b"", b""]) + body


FORGED = {
    # Another host: a page whose name was made to point here.
    "host of another site": request(host=b"evil.example"),
    "host of another site with our port": request(host=b"evil.example:<port>"),
    "host without a port": request(host=b"127.0.0.1"),
    "host with another port": request(host=b"127.0.0.1:1"),
    "host that ends as ours": request(host=b"evil.127.0.0.1:<port>"),
    "host that begins as ours": request(host=b"127.0.0.1:<port>.evil.example"),
    "host with a user": request(host=b"evil@127.0.0.1:<port>"),
    "host with a dot behind it": request(host=b"localhost.:<port>"),
    "host as a number": request(host=b"2130706433:<port>"),
    "host as a short address": request(host=b"127.1:<port>"),
    "host of all addresses": request(host=b"0.0.0.0:<port>"),
    "host as another loopback address": request(host=b"127.0.0.2:<port>"),
    "host with a zone": request(host=b"[::1%25lo]:<port>"),
    "two hosts in one": request(host=b"127.0.0.1:<port>, evil.example"),
    "empty host": request(host=b""),
    "no host": request(host=None),
    "second host": request(more=(b"Host: evil.example",)),
    "second host, the same": request(more=(b"Host: 127.0.0.1:<port>",)),
    "host only as forwarded": request(host=b"evil.example", more=(b"X-Forwarded-Host: 127.0.0.1:<port>",)),
    "whole address of another site": request(
        b"POST http://evil.example/api/v1/pause HTTP/1.1", host=b"evil.example"
    ),
    "whole address of ours": request(b"POST http://127.0.0.1:<port>/api/v1/pause HTTP/1.1"),
    # Another site: a page that a browser on this machine shows.
    "origin of another site": request(more=(b"Origin: https://evil.example",)),
    "origin null": request(more=(b"Origin: null",)),
    "origin with another port": request(more=(b"Origin: http://127.0.0.1:1",)),
    "origin with another scheme": request(more=(b"Origin: https://127.0.0.1:<port>",)),
    "origin that begins as ours": request(more=(b"Origin: http://127.0.0.1:<port>.evil.example",)),
    "origin empty": request(more=(b"Origin: ",)),
    "two origins": request(more=(b"Origin: http://127.0.0.1:<port>", b"Origin: https://evil.example")),
    "cross-site fetch": request(more=(b"Sec-Fetch-Site: cross-site",)),
    "same-site fetch": request(more=(b"Sec-Fetch-Site: same-site",)),
    "preflight": request(
        b"OPTIONS /api/v1/pause HTTP/1.1",
        more=(b"Origin: https://evil.example", b"Access-Control-Request-Method: POST"),
    ),
    # No token, or not that one.
    "no token": request(auth=None),
    "empty token": request(auth=b"Bearer "),
    "wrong token": request(auth=b"Bearer " + b"x" * 43),
    "token cut short": request(auth=b"Bearer <token", body=BODY),
    "token and more": request(auth=b"Bearer <token>x"),
    "token in another scheme": request(auth=b"Basic <token>"),
    "token without a scheme": request(auth=b"<token>"),
    "token as a cookie": request(auth=None, more=(b"Cookie: token=<token>",)),
    "token in the query": request(b"POST /api/v1/pause?token=<token> HTTP/1.1", auth=None),
    "token twice": request(more=(b"Authorization: Bearer <token>",)),
    "wrong token, then the right one": request(
        auth=b"Bearer wrong", more=(b"Authorization: Bearer <token>",)
    ),
    "token with a null": request(auth=b"Bearer <token>\x00"),
    "token in another header": request(auth=None, more=(b"X-Api-Key: <token>",)),
    # Methods.
    "GET with a body": request(b"GET /api/v1/pause HTTP/1.1"),
    "PUT": request(b"PUT /api/v1/pause HTTP/1.1"),
    "DELETE": request(b"DELETE /api/v1/pause HTTP/1.1"),
    "PATCH": request(b"PATCH /api/v1/pause HTTP/1.1"),
    "TRACE": request(b"TRACE /api/v1/pause HTTP/1.1"),
    "CONNECT": request(b"CONNECT 127.0.0.1:<port> HTTP/1.1"),
    "small letters": request(b"post /api/v1/pause HTTP/1.1"),
    "overridden method": request(
        b"GET /api/v1/pause HTTP/1.1", length=b"0", body=b"", more=(b"X-HTTP-Method-Override: POST",)
    ),
    # Paths.
    "encoded path": request(b"POST /api/v1/%70ause HTTP/1.1"),
    "encoded slash": request(b"POST /api%2fv1%2fpause HTTP/1.1"),
    "slashes": request(b"POST //api/v1/pause HTTP/1.1"),
    "slash behind it": request(b"POST /api/v1/pause/ HTTP/1.1"),
    "dots": request(b"POST /api/v1/../v1/pause HTTP/1.1"),
    "open path before it": request(b"POST /healthz/../api/v1/pause HTTP/1.1", auth=None),
    "open path with a semicolon": request(b"POST /healthz;/api/v1/pause HTTP/1.1", auth=None),
    "big letters": request(b"POST /API/v1/pause HTTP/1.1"),
    "backslash": request(b"POST \\api\\v1\\pause HTTP/1.1"),
    "null in the path": request(b"POST /api/v1/pause%00 HTTP/1.1"),
    "fragment": request(b"POST /api/v1/pause#x HTTP/1.1"),
    "star": request(b"OPTIONS * HTTP/1.1", length=None, body=b"", kind=None),
    "long path": request(b"POST /api/v1/pause?" + b"x" * 4000 + b" HTTP/1.1"),
    # Framing: where one program sees one request, and another two.
    "two lengths": request(more=(b"Content-Length: 0",)),
    "two lengths in one": request(length=b"12, 0"),
    "negative length": request(length=b"-1"),
    "length in hex": request(length=b"0xc"),
    "length with a sign": request(length=b"+12"),
    "no length": request(length=None),
    "length and chunks": request(
        more=(b"Transfer-Encoding: chunked",), body=b'c\r\n{"all":true}\r\n0\r\n\r\n'
    ),
    "chunks": request(
        length=None, more=(b"Transfer-Encoding: chunked",), body=b'c\r\n{"all":true}\r\n0\r\n\r\n'
    ),
    "chunks in disguise": request(more=(b"Transfer-Encoding: xchunked",)),
    "chunks with a tab": request(more=(b"Transfer-Encoding:\tchunked",), body=b"0\r\n\r\n"),
    "chunks with a space in the name": request(more=(b"Transfer-Encoding : chunked",)),
    "folded header": request(more=(b"X-A: b", b" Authorization: Bearer <token>"), auth=None),
    "line feeds alone": request().replace(b"\r\n", b"\n").replace(b"HTTP/1.1\n", b"HTTP/1.1\nX: y\rZ: z\n"),
    "carriage return in a header": request(more=(b"X: y\rAuthorization: Bearer <token>",), auth=None),
    "another request behind one without a token": request(auth=None) + request(),
    "another request behind a GET": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:<port>\r\n\r\n" + request(),
    "another request in a body": request(
        b"GET /healthz HTTP/1.1", auth=None, kind=None, length=b"0", body=request()
    ),
    "HTTP/1.0": request(b"POST /api/v1/pause HTTP/1.0", host=None),
    "HTTP/0.9": b"POST /api/v1/pause\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "upgrade": request(more=(b"Connection: Upgrade", b"Upgrade: websocket")),
    "upgrade to HTTP/2": request(more=(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c")),
    # Too much.
    "body of which a gigabyte is announced": request(length=b"1073741824"),
    "body that is too long": request(length=b"65537", body=b" " * 65537),
    "body that is far too long": request(length=b"3000000", body=b" " * 3_000_000),
    "length of many digits": request(length=b"9" * 5000),
    "header that is too long": request(more=(b"X-A: " + b"y" * 40_000,)),
    "too many headers": request(more=tuple(b"X-%d: y" % number for number in range(100))),
    # Bodies that are no orders.
    "body as a form": request(kind=b"application/x-www-form-urlencoded", body=b"all=true&x=y"),
    "body as plain text": request(kind=b"text/plain"),
    "body of no kind": request(kind=None),
    "body of two kinds": request(more=(b"Content-Type: text/plain",)),
    "compressed body": request(more=(b"Content-Encoding: gzip",)),
    "body in another charset": request(kind=b"application/json; charset=utf-16"),
    "body that names something twice": request(length=b"23", body=b'{"all":true,"all":true}'),
    "body that names more": request(length=b"20", body=b'{"all":true,"x":"y"}'),
    "body that names nothing": request(length=b"2", body=b"{}"),
    "body that is a list": request(length=b"14", body=b'[{"all":true}]'),
    "body with text for truth": request(length=b"14", body=b'{"all":"true"}'),
    "body with a number for truth": request(length=b"9", body=b'{"all":1}'),
    "body with NaN": request(length=b"27", body=b'{"all":true,"reason": NaN  }'[:27]),
    "nested body": request(length=b"60000", body=b"[" * 60_000),
    "body with a huge number": request(length=b"50008", body=b'{"all":' + b"1" * 50_000 + b"}"),
    "body that is no UTF-8": request(length=b"13", body=b'{"all":tru\xffe}'),
    "body with a byte order mark": request(length=b"15", body=b"\xef\xbb\xbf" + BODY),
}


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def pauses(api) -> list[object]:
    with closing(Reader.open(api.store)) as reader:
        return [hold for hold in reader.holds() if hold.released_at is None]


def done(api) -> list[str]:
    """Return what persons have made the daemon do, by the log."""
    return [event.name for event in api.log.events if event.name.startswith(("halt", "hold", "decision"))]


def sent_to(path, text: bytes) -> bytes:
    """Send bytes to a Unix socket, and return all that comes back until the other side closes."""
    received = b""
    with socket.socket(socket.AF_UNIX) as line, suppress(BrokenPipeError, ConnectionResetError):
        line.settimeout(15)
        line.connect(str(path))
        line.sendall(text)
        line.shutdown(socket.SHUT_WR)
        while some := line.recv(65536):
            received += some
    return received


def written(api, text: bytes) -> bytes:
    cut = text.replace(b"<token\r", api.token[:-1].encode() + b"\r")
    return cut.replace(TOKEN, api.token.encode()).replace(PORT, str(api.port).encode())


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_request_is_refused_and_does_nothing(api, name):
    answer = api.send(written(api, FORGED[name]))
    head, _, body = answer.partition(b"\r\n\r\n")
    # Nothing at all is an answer, too: the connection is closed on what is no HTTP.
    for status in statuses(answer):
        assert 400 <= status < 500 or (status == 200 and b'{"status":"ok"}' in body), answer
        assert status != 429, "refused for another reason than its own"
    assert len(statuses(answer)) <= 1
    assert b"access-control" not in head.lower()
    assert b"set-cookie" not in head.lower()
    assert api.token.encode() not in answer
    assert pauses(api) == []


def test_they_are_many():
    assert len(FORGED) >= 100


def test_they_are_refused_on_a_unix_socket_too(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "BURST", 1_000_000)
    monkeypatch.setattr(guard, "REFUSED_BURST", 1_000_000)
    with served(tmp_path, web={"listen": "unix:api.sock"}) as api:
        path = tmp_path / "api.sock"
        for name, text in FORGED.items():
            asked = written(api, text.replace(b"127.0.0.1:<port>", b"localhost"))
            answer = sent_to(path, asked)
            for status in statuses(answer):
                assert 400 <= status < 500 or b'{"status":"ok"}' in answer, (name, answer)
        assert pauses(api) == []
        unforged = written(api, request(host=b"localhost"))
        assert statuses(sent_to(path, unforged)) == [200]
        assert len(pauses(api)) == 1


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.open], ids=lambda route: route.name)
def test_no_route_takes_a_forged_request(api, route):
    path = route.path.replace("{key}", "a").encode()
    line = route.method.encode() + b" " + path + b" HTTP/1.1"
    is_order = route.method == "POST"
    usual = {} if is_order else {"length": None, "kind": None, "body": b""}
    other = (b"GET " if is_order else b"POST ") + path + b" HTTP/1.1"
    forged = {
        401: [{"auth": None}, {"auth": b"Bearer " + b"x" * 43}, {"auth": b"Basic <token>"}],
        421: [{"host": b"evil.example"}, {"host": b"evil.example:<port>"}],
        403: [{"more": (b"Origin: https://evil.example",)}, {"more": (b"Sec-Fetch-Site: cross-site",)}],
        405: [{"line": other, "length": b"0", "body": b""}],
        400: [{"more": (b"Transfer-Encoding: chunked",)}, {"more": (b"Host: 127.0.0.1:<port>",)}],
    }
    if is_order:
        forged[415] = [{"kind": b"text/plain"}, {"kind": b"application/x-www-form-urlencoded"}]
    before = done(api)
    for status, changed in forged.items():
        for change in changed:
            answer = api.send(written(api, request(**{"line": line, **usual, **change})))
            assert statuses(answer) == [status], change
    assert done(api) == before
    assert pauses(api) == []


def test_the_same_request_unforged_is_let_through(api):
    answer = api.send(written(api, request()))
    assert statuses(answer) == [200]
    assert len(pauses(api)) == 1
    assert api.ask("/api/v1/resume", method="POST", body={"all": True}).status == 200
    # The daemon tells of it when it notices, by then perhaps beside the next test.
    wait_until(lambda: done(api)[-2:] == ["hold.placed", "hold.released"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:<port>"},
        {"Host": "LOCALHOST:<port>"},
        {"Host": "[::1]:<port>"},
        {"Origin": "http://127.0.0.1:<port>"},
        {"Origin": "http://localhost:<port>", "Sec-Fetch-Site": "same-origin"},
        {"Authorization": "bearer <token>"},
    ],
)
def test_our_own_names_and_pages_are_let_through(api, headers):
    given = {
        name: value.replace("<port>", str(api.port)).replace("<token>", api.token)
        for name, value in headers.items()
    }
    assert api.ask("/api/v1/hosts", headers=given).status == 200


def test_every_answer_carries_the_headers_that_keep_browsers_out(api):
    for reply in (api.ask("/healthz"), api.ask("/nowhere"), api.ask("/api/v1/hosts", token=None)):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        assert reply.headers["x-frame-options"] == "DENY"
        assert "server" not in reply.headers
        assert not [name for name in reply.headers if name.startswith("access-control")]


def test_refusals_are_problem_documents(api):
    for reply in (api.ask("/nowhere"), api.ask("/api/v1/hosts", token=None), api.ask("/healthz?x=y")):
        assert reply.headers["content-type"] == "application/problem+json"
        assert set(reply.json) == {"type", "title", "status", "detail"}
        assert reply.json["status"] == reply.status
