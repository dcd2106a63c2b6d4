"""Print, answer and exit: the commands of `campaign-runner`."""
