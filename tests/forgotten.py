"""Somebody asks to be forgotten and does not wait the seven days."""

from datetime import datetime

from sqlalchemy import Connection

from domain.people import Actor
from services import forgetting
from services.rules import Rules


def forget_at_once(connection: Connection, actor: Actor, now: datetime, word: str = "删除") -> None:
    """Both steps. Raises Refusal `forget_not_typed`."""
    forgetting.forget(connection, actor, word, reply_key=f"forget:{word}", language="zh-CN", now=now, rules=Rules())
    forgetting.erase_now(connection, actor, now=now, rules=Rules())
