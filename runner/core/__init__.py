"""Decide: pure functions of facts, time, zone and history."""
