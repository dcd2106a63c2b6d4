"""Read, decide, act and record: the use cases, one verb a file."""
