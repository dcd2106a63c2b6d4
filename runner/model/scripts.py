"""The parameters of each script, as the TikMatrix API documents them.

Nothing is defaulted here: what goes on the wire is what was written. The defaults in the descriptions are the
host's own. `faults` are the rules between parameters; each names the key at which it is shown.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from runner.model.fields import Choice, FileModel, Nested, Number, NumberOrWord, Text, Truth, Whole
from runner.model.script_targets import TARGET_KEYS

Fault: TypeAlias = tuple[str, str]
"""A key, and what is wrong there."""

_ORDER = Choice(("random", "sequential"))
_PERCENT = Whole(0, 100)
_SECONDS = Whole(0, 86_400)
_MAYBE_BLANK = Text(blank=True)


class ScriptConfig(FileModel):
    """The parameters of one script."""

    TARGETS: ClassVar[tuple[str, str] | None] = None
    """The keys of its targets, list and text, where the host makes one task for each of them."""

    def faults(self) -> list[Fault]:
        """Return what the parameters say against each other."""
        return []


class PostConfig(ScriptConfig):
    """Publish a video or images."""

    content_type: Annotated[int | None, Whole(0, 1)] = Field(
        default=None, description="0: video (default), 1: images."
    )
    image_count: Annotated[int | None, Whole(1, 100)] = Field(
        default=None, description="How many images, with content_type 1. Default: 1."
    )
    captions: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="The caption.")
    post_way: Annotated[str | None, Choice(("share", "addButton", "useSound"))] = Field(
        default=None, description="How the post is begun. Default: share."
    )
    material_source: Annotated[str | None, Choice(("materialLibrary", "localFolder"))] = Field(
        default=None, description="Where the material is taken from. Default: materialLibrary."
    )
    material_path: Annotated[str | None, Text()] = Field(
        default=None, description="A folder on the host; required with material_source localFolder."
    )
    material_list: list[Annotated[str, Text()]] | None = Field(
        default=None, description="Files on the host; overrides material_source and material_path."
    )
    materials_tags: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="Tags of the material library, separated by commas."
    )
    upload_wait_time: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Seconds to wait for the upload. Default: 30."
    )
    sound_wait_time: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Seconds to wait for the sound. Default: 10."
    )
    add_sound: Annotated[int | str | None, NumberOrWord(("-1", "0", "1"), "custom")] = Field(
        default=None, description="-1 (default), 0: off, 1: on, or custom."
    )
    sound_name: Annotated[str | None, Text()] = Field(
        default=None, description="The sound; required with post_way useSound."
    )
    custom_sound_keyword: Annotated[str | None, Text()] = Field(
        default=None, description="What to search a sound by; required with add_sound custom."
    )
    origin_sound_volume: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Volume of the original sound, 0 to 100. Default: 50."
    )
    add_sound_volume: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Volume of the added sound, 0 to 100. Default: 50."
    )
    add_product_link: Annotated[int | None, Whole(0, 1)] = Field(
        default=None, description="1 adds a product link (TikTok)."
    )
    placement: Annotated[str | None, Choice(("reel", "story"))] = Field(
        default=None, description="Where it is published (Instagram). Default: reel."
    )

    def faults(self) -> list[Fault]:
        """Return what the parameters say against each other."""
        found: list[Fault] = []
        if self.material_source == "localFolder" and not (self.material_path or self.material_list):
            found.append(
                ("material_source", "`localFolder` needs `material_path`; write the folder on the host")
            )
        if self.post_way == "useSound" and not self.sound_name:
            found.append(("post_way", "`useSound` needs `sound_name`; write the sound's name"))
        if self.add_sound == "custom" and not self.custom_sound_keyword:
            found.append(("add_sound", "`custom` needs `custom_sound_keyword`; write what to search by"))
        return found


class _Following(ScriptConfig):
    TARGETS: ClassVar = TARGET_KEYS["follow"]

    target_users: list[Annotated[str, Text()]] | None = Field(
        default=None, description="The users; wins over target_user."
    )
    target_user: Annotated[str | None, Text()] = Field(
        default=None, description="One user, or several, one per line or separated by commas."
    )
    access_method: Annotated[str | None, Choice(("direct", "search"))] = Field(
        default=None, description="How the user's page is reached. Default: direct."
    )


class FollowConfig(_Following):
    """Follow users."""


class UnfollowConfig(_Following):
    """Unfollow users."""


class CommentConfig(ScriptConfig):
    """Comment on posts."""

    REQUIRED: ClassVar = ("comment_content",)
    TARGETS: ClassVar = TARGET_KEYS["comment"]

    target_post_urls: list[Annotated[str, Text()]] | None = Field(
        default=None, description="The posts; wins over target_post_url."
    )
    target_post_url: Annotated[str | None, Text()] = Field(
        default=None, description="One post, or several, one per line or separated by commas."
    )
    comment_content: Annotated[str | None, Text()] = Field(
        default=None, description="The comment; several lines are several comments."
    )
    comment_order: Annotated[str | None, _ORDER] = Field(
        default=None, description="How comments are taken from the lines. Default: random."
    )
    insert_emoji: Annotated[bool | None, Truth()] = Field(
        default=None, description="Add an emoji. Default: false."
    )
    comment_image_path: Annotated[str | None, Text()] = Field(
        default=None, description="An image on the host (TikTok)."
    )


class ChatgptSettings(ScriptConfig):
    """How comments are generated."""

    REQUIRED: ClassVar = ("api_key",)

    api_key: Annotated[str | None, Text()] = Field(
        default=None, description="A secret: write ${env:NAME} or ${file:PATH}."
    )
    model: Annotated[str | None, Text()] = Field(default=None, description="The model's name.")
    prompt: Annotated[str | None, Text()] = Field(default=None, description="What is asked of the model.")
    max_tokens: Annotated[int | None, Whole(1, 1_000_000)] = Field(
        default=None, description="The longest answer."
    )
    temperature: Annotated[float | None, Number(0, 2)] = Field(default=None, description="0 to 2.")
    base_url: Annotated[str | None, Text()] = Field(default=None, description="The service's address.")


class AccountWarmupConfig(ScriptConfig):
    """Watch and react for a while."""

    task_duration: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Seconds in all. Default: 600."
    )
    topic: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="Topics, one per line.")
    min_duration: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Fewest seconds on one video. Default: 15."
    )
    max_duration: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Most seconds on one video. Default: 30."
    )
    like_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Percent, 0 to 100. Default: 0."
    )
    floow_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Percent of follows, 0 to 100; spelt so by the vendor. Default: 0."
    )
    collect_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Percent, 0 to 100. Default: 0."
    )
    comment_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Percent, 0 to 100. Default: 0."
    )
    comment: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="Comments, one per line.")
    insert_emoji: Annotated[bool | None, Truth()] = Field(default=None, description="Add an emoji.")
    comment_order: Annotated[str | None, _ORDER] = Field(
        default=None, description="How comments are taken from the lines. Default: random."
    )
    generate_by_chatgpt: Annotated[bool | None, Truth()] = Field(
        default=None, description="Generate the comments. Default: false."
    )
    chatgpt_settings: Annotated[Any, Nested("chatgpt_settings")] = Field(
        default=None, description="How comments are generated."
    )

    def faults(self) -> list[Fault]:
        """Return what the parameters say against each other."""
        low, high = self.min_duration, self.max_duration
        if low is not None and high is not None and low > high:
            return [("min_duration", f"{low} is more than `max_duration`, {high}; swap them")]
        return []


class ProfileConfig(ScriptConfig):
    """Edit an account's profile; newer hosts only."""

    profile_order: Annotated[str | None, _ORDER] = Field(
        default=None, description="How values are taken from the lines. Default: random."
    )
    nicknames: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="One per line.")
    usernames: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="One per line.")
    bios: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="One per line.")
    link_url: Annotated[str | None, _MAYBE_BLANK] = Field(default=None, description="The profile's link.")
    avatars_path: Annotated[str | None, Text()] = Field(
        default=None, description="A folder of images on the host."
    )


SCRIPTS: dict[str, type[ScriptConfig]] = {
    "post": PostConfig,
    "follow": FollowConfig,
    "unfollow": UnfollowConfig,
    "account_warmup": AccountWarmupConfig,
    "comment": CommentConfig,
    "profile": ProfileConfig,
}
"""The scripts that the API takes, each with its parameters."""

ANNOUNCED = frozenset({"like", "message", "super_marketing", "scrape_user"})
"""Scripts that the vendor has announced, but whose parameters are not documented."""

NESTED: dict[str, type[ScriptConfig]] = {"chatgpt_settings": ChatgptSettings}
"""Parameters that are themselves mappings, by their key."""
