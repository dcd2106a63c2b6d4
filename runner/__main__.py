"""Start the command line by `python -m runner`."""

from runner.cli.main import main

if __name__ == "__main__":
    main(prog_name="campaign-runner")
