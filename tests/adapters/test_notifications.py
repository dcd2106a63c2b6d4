"""A message goes to a channel from a process of its own, and what went wrong is told without the address."""

from __future__ import annotations

import asyncio
import os

import pytest
from support.channel import channel

from runner.adapters.notifications import NO_ADDRESS, AppriseProcess, Delivery, deliver, knows

PROXY = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": "x.example"}


def sent(delivery, **options):
    options.setdefault("environ", os.environ)
    return asyncio.run(AppriseProcess(**options).send(delivery))


def test_a_message_reaches_its_channel_whatever_proxy_there_is():
    with channel() as taken:
        assert sent(Delivery(taken.url, "Title", "First\nÄnd"), environ={**os.environ, **PROXY}) is None
    ((title, text),) = [(one["title"], one["message"]) for one in taken.messages]
    assert (title, text) == ("Title", "First\nÄnd")


def test_a_channel_that_never_answers_is_given_up_and_its_process_ended():
    with channel(answers=None) as hanging:
        reason = sent(Delivery(hanging.url, "T", "x"), most_seconds=2.0)
    assert reason == "it did not answer within 2 s"


def test_a_refusal_is_told_by_its_code_and_never_by_the_address():
    with channel(answers=403) as refusing:
        delivery = Delivery(f"{refusing.url}/canary4711", "T", "x")
        reason = deliver(delivery)
    assert (reason, refusing.paths) == ("it did not take the message (answer 403)", ["/canary4711"])
    assert "canary" not in repr(delivery)


@pytest.mark.parametrize("url", ["nosuchservice://canary4711", "json://", "canary4711"])
def test_an_address_that_apprise_does_not_know_is_told_as_such(url):
    assert deliver(Delivery(url, "T", "x")) == NO_ADDRESS
    assert not knows(url)


def test_a_channel_that_is_not_there_takes_nothing():
    with channel() as gone:
        url = gone.url
    assert deliver(Delivery(url, "T", "x")) == "it did not take the message"
