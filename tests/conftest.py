"""What holds for all tests."""

import signal

from hypothesis import settings

# How long an example takes is a matter for bench/, not for a test on a busy machine.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A shell lets what it starts in the background ignore Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["support.choice_of_store"]
