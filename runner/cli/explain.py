"""The rules by which files are checked, as `validate --explain` tells them."""

from __future__ import annotations

import textwrap
from shutil import get_terminal_size

import click
from click.shell_completion import CompletionItem

from runner.cli.output import say
from runner.model.suggest import did_you_mean
from runner.rules import Rule

_WIDEST = 100


def explain(context: click.Context, parameter: click.Parameter, rule_id: str | None) -> None:
    """Write what a rule means, and end: no file is looked at."""
    if rule_id is None or context.resilient_parsing:
        return
    if rule_id not in set(Rule):
        meant = did_you_mean(rule_id, list(Rule))
        raise click.BadParameter(f"there is no rule `{rule_id}`{meant}", ctx=context, param=parameter)
    say(rule_id)
    say()
    for line in textwrap.wrap(Rule(rule_id).paragraph, min(get_terminal_size().columns, _WIDEST)):
        say(line)
    context.exit()


def rule_ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ids that begin so, for the shell to complete."""
    return [CompletionItem(rule.value) for rule in Rule if rule.startswith(incomplete)]
