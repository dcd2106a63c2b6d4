"""Decide whether a request may be looked at: from here, by whom it should be, and not too often."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from runner.web.wire import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.model.settings import WebSettings
    from runner.web.wire import Asked

MOST_HEADERS = 64
MOST_TARGET_BYTES = 2_048
BURST = 60
"""Requests that a peer may make at once."""
PER_SECOND = 20.0
"""And so many more with each second."""
REFUSED_BURST = 20
"""Requests that a peer may make at once of which the token is not right."""
REFUSED_PER_SECOND = 1.0
_MOST_PEERS = 1_000

_ONCE = (
    b"host",
    b"authorization",
    b"content-type",
    b"content-length",
    b"content-encoding",
    b"origin",
    b"sec-fetch-site",
    b"expect",
)
_NEVER = (b"transfer-encoding", b"upgrade", b"content-encoding", b"trailer", b"te")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = b"bearer "
_TARGET = re.compile(rb"/[!\"$-~]*")
"""A path with its query, of printable characters; `#` is never sent."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """How often a peer may ask: so many at once, and so many more with each second."""

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._buckets: dict[str, _Bucket] = {}

    def take(self, peer: str, *, at: float) -> bool:
        """Take one; tell whether there was one. `at` is in seconds of a monotonic clock."""
        bucket = self._buckets.get(peer)
        if bucket is None:
            if len(self._buckets) >= _MOST_PEERS:
                self._forget(at=at)
            bucket = self._buckets[peer] = _Bucket(self._burst, at)
        bucket.left = min(self._burst, bucket.left + (at - bucket.at) * self._per_second)
        bucket.at = at
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def has(self, peer: str, *, at: float) -> bool:
        """Tell whether there is one, and take none."""
        bucket = self._buckets.get(peer)
        return bucket is None or bucket.left + (at - bucket.at) * self._per_second >= 1

    def _forget(self, *, at: float) -> None:
        full = [
            peer
            for peer, bucket in self._buckets.items()
            if bucket.left + (at - bucket.at) * self._per_second >= self._burst
        ]
        for peer in full or list(self._buckets)[: _MOST_PEERS // 2]:
            del self._buckets[peer]


class Guard:
    """Looks at each request before its route does."""

    def __init__(
        self,
        settings: WebSettings,
        *,
        is_token: Callable[[bytes], bool],
        monotonic_seconds: Callable[[], float],
    ) -> None:
        """Take the settings, and what compares a token; it may raise TokenUnusable."""
        self._hosts, self._origins = allowed_hosts(settings)
        self._metrics_open = settings.metrics_open
        self._is_token = is_token
        self._monotonic_seconds = monotonic_seconds
        self._rate = Rate(burst=BURST, per_second=PER_SECOND)
        self._refusals = Rate(burst=REFUSED_BURST, per_second=REFUSED_PER_SECOND)

    def check_form(self, asked: Asked) -> None:
        """Let a request through that has our form, and comes from where ours come; raises Refused."""
        _check_size(asked)
        for name in _ONCE:
            if len(asked.all(name)) > 1:
                raise Refused(HTTPStatus.BAD_REQUEST, f"the header {name.decode()} is given more than once")
        for name in _NEVER:
            if asked.all(name):
                raise Refused(HTTPStatus.BAD_REQUEST, f"the header {name.decode()} is not taken")
        host = asked.one(b"host")
        # Against DNS rebinding: a page of another site reaches this port under a name of that site.
        if host is None or host.lower() not in self._hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this is not the host that was asked for")
        origin = asked.one(b"origin")
        is_ours = origin is None or origin in self._origins
        if not is_ours or asked.one(b"sec-fetch-site") not in {None, b"same-origin", b"none"}:
            raise Refused(HTTPStatus.FORBIDDEN, "requests of other sites are not taken")
        if not _TARGET.fullmatch(asked.target):
            raise Refused(HTTPStatus.BAD_REQUEST, "the target is no path of this API")

    def check_rate(self, asked: Asked, *, token_needed: bool) -> None:
        """Let a request through that has the token where it needs one, and is not one too many.

        Whoever has no token cannot use up what those have who have it. Raises Refused, TokenUnusable.
        """
        at = self._monotonic_seconds()
        if token_needed and not self._has_token(asked, at=at):
            detail = "send the token: `Authorization: Bearer ...`"
            raise Refused(HTTPStatus.UNAUTHORIZED, detail, www_authenticate='Bearer realm="campaign-runner"')
        rate_of = f"{asked.peer} {'with' if token_needed else 'without'}"
        if not self._rate.take(rate_of, at=at):
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many requests; wait a second", retry_after="1")

    def is_open_metrics(self, asked: Asked) -> bool:
        """Tell whether metrics may be read without a token: if the config says so, from this machine."""
        return self._metrics_open and _is_here(asked.peer)

    def _has_token(self, asked: Asked, *, at: float) -> bool:
        offered = asked.one(b"authorization") or b""
        if not self._refusals.has(asked.peer, at=at) and not offered:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many requests without a token", retry_after="1")
        is_bearer = offered[: len(_SCHEME)].lower() == _SCHEME
        right = self._is_token(offered[len(_SCHEME) :] if is_bearer else b"")
        if not right and not self._refusals.take(asked.peer, at=at):
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens", retry_after="1")
        return right


def _check_size(asked: Asked) -> None:
    if len(asked.headers) > MOST_HEADERS:
        raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many headers")
    if len(asked.target) > MOST_TARGET_BYTES:
        raise Refused(HTTPStatus.REQUEST_URI_TOO_LONG, "the path and query are too long")


def allowed_hosts(settings: WebSettings) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the exact `Host` headers and `Origin`s that requests may have."""
    scheme = "https" if settings.certfile is not None else "http"
    if settings.socket is not None:
        named = ["localhost", *settings.names]
    else:
        local = ["127.0.0.1", "localhost", "[::1]"]
        own = f"[{settings.host}]" if ":" in settings.host else settings.host.lower()
        whole = [f"{host}:{settings.port}" for host in dict.fromkeys((own, *local))]
        named = [*whole, *settings.names]
    names = dict.fromkeys(_with_short_forms(named, port=_DEFAULT_PORTS[scheme]))
    return (
        frozenset(name.encode() for name in names),
        frozenset(f"{scheme}://{name}".encode() for name in names),
    )


def _with_short_forms(names: Iterable[str], *, port: int) -> Iterable[str]:
    """Yield names, and those with the scheme's own port also without it, as clients then write them."""
    for name in names:
        yield name
        if name.endswith(f":{port}"):
            yield name.removesuffix(f":{port}")


def _is_here(peer: str) -> bool:
    if not peer:
        return True
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
