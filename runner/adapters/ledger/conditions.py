"""Conditions that several questions to the ledger share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from runner.adapters.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement


def not_of(*, without: bool) -> list[ColumnElement[bool]]:
    """Return what leaves out assignments of the campaigns that `named` gives; nothing where there are none.

    A question with this condition can be made once, and asked for other campaigns each time.
    """
    run = schema.runs.c
    of_them = select(run.id).where(run.campaign.in_(bindparam("without", expanding=True)))
    return [schema.assignments.c.run_id.not_in(of_them)] if without else []


def named(campaigns: Collection[str]) -> dict[str, list[str]]:
    """Return the values for the condition of `not_of`."""
    return {"without": sorted(campaigns)} if campaigns else {}
