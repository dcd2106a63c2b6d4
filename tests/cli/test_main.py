from click.testing import CliRunner

from runner.cli.main import main


def test_help_says_how_the_command_is_used():
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    assert "Usage: campaign-runner [OPTIONS] COMMAND [ARGS]..." in result.output
