"""Open doors, one outside thing each, and decide nothing."""
