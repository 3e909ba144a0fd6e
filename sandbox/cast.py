"""The ready-made cast of a new sandbox: six people and one group, none of them with a role in the bot."""

from sandbox import acts, groups
from sandbox.world import World

GROUP_TITLE = "第一学习小组"


def settle(world: World) -> None:
    """Put the cast on an empty stage. The creator adds the bot last; it hears of it on its first poll."""
    chinese = [acts.new_person(world, name, language_code="zh-hans") for name in ("李明", "王芳", "赵强", "陈静")]
    acts.new_person(world, "周伟", language_code="zh-hans")
    alex = acts.new_person(world, "Alex", last_name="Reed", username="alex_reed", language_code="en")
    creator, *members = chinese
    group = groups.create(world, creator, GROUP_TITLE, [*members, alex])
    groups.add(world, group, world.bot, creator)
