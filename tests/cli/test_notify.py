"""`notify test` says of each channel whether it took a message, and no address is shown."""

from __future__ import annotations

from support.channel import channel
from support.project import CONFIG


def test_each_channel_is_tried_and_told_of(project):
    with channel() as good, channel(answers=401) as bad:
        project.write(
            "config.yaml",
            f"{CONFIG}notify:\n  channels:\n    phone: {{url: '${{env:PHONE}}'}}\n"
            f"    team: {{url: '{bad.url}/canary4711'}}\n    lost: {{url: 'ntfy://${{env:NOWHERE}}'}}\n",
        )
        result = project.ask("notify", "test", "--format", "table", PHONE=f"{good.url}/canary4711")
        one = project.ask("notify", "test", "--channel", "phone", PHONE=good.url)
    assert (result.exit_code, one.exit_code) == (1, 0)
    assert "canary" not in result.output
    assert [line.split(maxsplit=1) for line in result.stdout.splitlines()[1:]] == [
        ["phone", "taken"],
        ["team", "it did not take the message (answer 401)"],
        ["lost", "the environment has no NOWHERE"],
    ]
    assert [said["title"] for said in good.messages] == ["campaign-runner: test"] * 2


def test_without_a_channel_of_that_name_it_is_said_what_there_is(project):
    assert "no channel under `notify`" in project.ask("notify", "test").stderr
    project.write("config.yaml", f"{CONFIG}notify: {{channels: {{phone: {{url: 'json://x'}}}}}}\n")
    result = project.ask("notify", "test", "--channel", "fone")
    assert (result.exit_code, result.stderr) == (1, "error: there is no channel fone; there are phone\n")
