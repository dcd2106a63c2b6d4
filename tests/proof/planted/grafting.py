"""Putting something else in the place of an attribute, and back."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from inspect import getattr_static
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def grafted(*grafts: tuple[Any, str, Any]) -> Iterator[None]:
    """Set attributes, each given as owner, name and value, for as long as the context lasts.

    Raises AttributeError where an owner has none of that name, as after a function has moved: what is planted
    there is never called.
    """
    with ExitStack() as stack:
        for owner, name, value in grafts:
            getattr_static(owner, name)
            if name in vars(owner):
                stack.callback(setattr, owner, name, getattr_static(owner, name))
            else:
                stack.callback(delattr, owner, name)
            setattr(owner, name, value)
        yield
