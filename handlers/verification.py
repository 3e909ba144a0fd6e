"""Anonymous admins: only a tap says who somebody is, so a command of theirs waits for one."""

from collections.abc import Iterable

from telegram import Update

import services.inputs
from chat.context import Context, taken
from chat.feature import Command, Feature
from domain.errors import Refusal


async def verify(update: Update, context: Context, number: int) -> None:
    """⟦确认身份⟧: the command is carried out in the name of the chat admin who taps."""
    kept = await context.read(services.inputs.unverified, number, context.now)
    if kept is None or kept.chat_telegram_id != context.chat_id:
        raise Refusal("confirmed_too_late")
    admins = await context.bot.get_chat_administrators(context.chat_id)
    if context.actor.telegram_id not in {admin.user.id for admin in admins}:
        raise Refusal("not_chat_admin")
    name, _, context.argument = kept.text.partition(" ")
    commands: Iterable[Command] = context.application.bot_data["commands"]
    command = next((command for command in commands if command.name == name), None)
    if command is None:
        raise Refusal("confirmed_too_late")
    taken.get().also.append(lambda connection: services.inputs.verified(connection, number))
    await command.handle(update, context)
    if not taken.get().written:
        await context.write(_carried_out)
    await context.answer((await context.personal_words())("groups.confirmed"))
    await context.drop_buttons()


def _carried_out(_connection: object) -> None:
    """Nothing was written by a command that only reads; that it is carried out is noted all the same."""


feature = Feature(taps={"verify": verify})
