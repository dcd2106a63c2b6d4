"""Find where the audit trail is not as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.audit import head_in_words, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.model.audit import Chain, ChainedEvent


class Check:
    """One walk along the chain, from its anchor to its head."""

    def __init__(self, chain: Chain, *, expected: Mapping[int, bytes] | None = None) -> None:
        """Begin a walk.

        Args:
            chain: as the store describes it.
            expected: hashes of events that were kept elsewhere, by the events' numbers.
        """
        self._chain = chain
        self._expected = dict(expected or {})
        self.checked = 0
        """Events that were compared with their hashes."""
        self.unchained = 0
        """Events from before there was a chain, of which nothing can be said."""

    def breaks(self, events: Iterable[ChainedEvent]) -> Iterator[str]:
        """Yield a sentence for each place that is wrong; `events` are all, by their numbers."""
        chain = self._chain
        last_id, last_hash = chain.anchor_id, chain.anchor_hash
        for event in events:
            if event.id <= chain.anchor_id:
                yield from self._in_front(event)
                continue
            if event.id > chain.head_id:
                yield f"event {event.id} was inserted behind the newest one, {chain.head_id}"
                continue
            gap = _missing(last_id, event.id)
            if gap:
                yield gap
            if event.hash is None:
                yield f"event {event.id} has lost its hash"
            else:
                self.checked += 1
                # Behind a gap there is nothing to compare with; the next ones hang on this one's hash.
                if not gap and last_hash and _hash(last_hash, event) != event.hash:
                    yield f"event {event.id} was changed"
                yield from self._unlike_what_was_kept(event)
            last_id, last_hash = event.id, event.hash or b""
        yield from self._at_the_end(last_id, last_hash)

    def _in_front(self, event: ChainedEvent) -> Iterator[str]:
        if event.hash is None and event.id <= self._chain.began_id:
            self.unchained += 1
        else:
            yield f"event {event.id} was inserted in front of the chain"

    def _unlike_what_was_kept(self, event: ChainedEvent) -> Iterator[str]:
        kept = self._expected.pop(event.id, event.hash)
        if kept != event.hash:
            yield f"event {event.id} is not the one whose hash was kept: it or one before it was rewritten"

    def _at_the_end(self, last_id: int, last_hash: bytes) -> Iterator[str]:
        chain = self._chain
        gap = _missing(last_id, chain.head_id + 1)
        if gap:
            yield gap
        elif last_hash and last_hash != chain.head_hash:
            yield f"event {last_id} is not the one that was written last"
        for event_id, kept in sorted(self._expected.items()):
            if event_id == chain.anchor_id and kept == chain.anchor_hash:
                continue
            if event_id > chain.anchor_id:
                yield f"event {head_in_words(event_id, kept)}, whose hash was kept, is missing"


def _hash(before: bytes, event: ChainedEvent) -> bytes:
    return link(
        before,
        event.id,
        event.at,
        event.name,
        campaign=event.campaign,
        key=event.key,
        host=event.host,
        fields=event.fields,
    )


def _missing(last_id: int, next_id: int) -> str | None:
    """Return what lacks between two events that stand one after the other."""
    first, last = last_id + 1, next_id - 1
    if first > last:
        return None
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"
