"""Gather the commands of `campaign-runner` under one name."""

import click

from runner import __version__


@click.group(name="campaign-runner", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="campaign-runner")
def main() -> None:
    """Run campaigns of device tasks from plain files."""
