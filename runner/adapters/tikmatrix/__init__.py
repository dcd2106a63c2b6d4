"""The door to TikMatrix hosts: the only place that speaks HTTP."""
