"""Conditions that several questions to the ledger share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from runner.adapters.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement


def not_of(campaigns: Collection[str]) -> list[ColumnElement[bool]]:
    """Return what leaves out assignments of some campaigns; nothing where there are none."""
    run = schema.runs.c
    of_them = select(run.id).where(run.campaign.in_(sorted(campaigns)))
    return [schema.assignments.c.run_id.not_in(of_them)] if campaigns else []
