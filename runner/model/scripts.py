"""The parameters of each script, as the TikMatrix API documents them.

Nothing is defaulted here: what goes on the wire is what was written. The defaults in the descriptions are the
host's own. `faults` are the rules between parameters; each names the key at which it is shown.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from runner.model.fields import Choice, Nested, Number, NumberOrWord, Text, Truth, Whole
from runner.model.reader import HOST_DEFAULT, FileModel
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


class PostConfig(ScriptConfig, title="Parameters of post"):
    """Publish a video or images."""

    content_type: Annotated[int | None, Whole(0, 1)] = Field(
        default=None, description="0: video, 1: images.", examples=[1], json_schema_extra={HOST_DEFAULT: 0}
    )
    image_count: Annotated[int | None, Whole(1, 100)] = Field(
        default=None,
        description="How many images, with content_type 1.",
        examples=[3],
        json_schema_extra={HOST_DEFAULT: 1},
    )
    captions: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="The caption.", examples=["New clip of ${date} #launch"]
    )
    post_way: Annotated[str | None, Choice(("share", "addButton", "useSound"))] = Field(
        default=None,
        description="How the post is begun.",
        json_schema_extra={HOST_DEFAULT: "share"},
    )
    material_source: Annotated[str | None, Choice(("materialLibrary", "localFolder"))] = Field(
        default=None,
        description="Where the material is taken from.",
        json_schema_extra={HOST_DEFAULT: "materialLibrary"},
    )
    material_path: Annotated[str | None, Text()] = Field(
        default=None,
        description="A folder on the host; required with material_source localFolder.",
        examples=["C:/Videos/spring"],
    )
    material_list: list[Annotated[str, Text()]] | None = Field(
        default=None,
        description="Files on the host; overrides material_source and material_path.",
        examples=[["C:/Videos/${date}.mp4"]],
    )
    materials_tags: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None,
        description="Tags of the material library, separated by commas.",
        examples=["spring, launch"],
    )
    upload_wait_time: Annotated[int | None, _SECONDS] = Field(
        default=None,
        description="Seconds to wait for the upload.",
        examples=[60],
        json_schema_extra={HOST_DEFAULT: 30},
    )
    sound_wait_time: Annotated[int | None, _SECONDS] = Field(
        default=None,
        description="Seconds to wait for the sound.",
        examples=[20],
        json_schema_extra={HOST_DEFAULT: 10},
    )
    add_sound: Annotated[int | str | None, NumberOrWord(("-1", "0", "1"), "custom")] = Field(
        default=None,
        description="0: off, 1: on, custom: found by `custom_sound_keyword`.",
        examples=[1, "custom"],
        json_schema_extra={HOST_DEFAULT: -1},
    )
    sound_name: Annotated[str | None, Text()] = Field(
        default=None, description="The sound; required with post_way useSound.", examples=["Morning Light"]
    )
    custom_sound_keyword: Annotated[str | None, Text()] = Field(
        default=None,
        description="What to search a sound by; required with add_sound custom.",
        examples=["calm piano"],
    )
    origin_sound_volume: Annotated[int | None, _PERCENT] = Field(
        default=None,
        description="Volume of the original sound, in percent.",
        examples=[70],
        json_schema_extra={HOST_DEFAULT: 50},
    )
    add_sound_volume: Annotated[int | None, _PERCENT] = Field(
        default=None,
        description="Volume of the added sound, in percent.",
        examples=[30],
        json_schema_extra={HOST_DEFAULT: 50},
    )
    add_product_link: Annotated[int | None, Whole(0, 1)] = Field(
        default=None, description="1 adds a product link (TikTok).", examples=[1]
    )
    placement: Annotated[str | None, Choice(("reel", "story"))] = Field(
        default=None,
        description="Where it is published (Instagram).",
        json_schema_extra={HOST_DEFAULT: "reel"},
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
        default=None,
        description="The users; wins over target_user.",
        examples=[["@partner_one", "@partner_two"]],
    )
    target_user: Annotated[str | None, Text()] = Field(
        default=None,
        description="One user, or several, one per line or separated by commas.",
        examples=["@partner_one"],
    )
    access_method: Annotated[str | None, Choice(("direct", "search"))] = Field(
        default=None,
        description="How the user's page is reached.",
        json_schema_extra={HOST_DEFAULT: "direct"},
    )


class FollowConfig(_Following, title="Parameters of follow"):
    """Follow users."""


class UnfollowConfig(_Following, title="Parameters of unfollow"):
    """Unfollow users."""


class CommentConfig(ScriptConfig, title="Parameters of comment"):
    """Comment on posts."""

    REQUIRED: ClassVar = ("comment_content",)
    TARGETS: ClassVar = TARGET_KEYS["comment"]

    target_post_urls: list[Annotated[str, Text()]] | None = Field(
        default=None,
        description="The posts; wins over target_post_url.",
        examples=[["https://www.tiktok.com/@brand_se/video/7300000000000000001"]],
    )
    target_post_url: Annotated[str | None, Text()] = Field(
        default=None,
        description="One post, or several, one per line or separated by commas.",
        examples=["https://www.tiktok.com/@brand_se/video/7300000000000000001"],
    )
    comment_content: Annotated[str | None, Text()] = Field(
        default=None,
        description="The comment; several lines are several comments.",
        examples=["Thank you for watching!"],
    )
    comment_order: Annotated[str | None, _ORDER] = Field(
        default=None,
        description="How comments are taken from the lines.",
        json_schema_extra={HOST_DEFAULT: "random"},
    )
    insert_emoji: Annotated[bool | None, Truth()] = Field(
        default=None, description="Add an emoji.", json_schema_extra={HOST_DEFAULT: False}
    )
    comment_image_path: Annotated[str | None, Text()] = Field(
        default=None, description="An image on the host (TikTok).", examples=["C:/Images/thanks.png"]
    )


class ChatgptSettings(ScriptConfig, title="Generated comments"):
    """How comments are generated."""

    REQUIRED: ClassVar = ("api_key",)

    api_key: Annotated[str | None, Text()] = Field(
        default=None,
        description="A secret: write ${env:NAME} or ${file:PATH}.",
        examples=["${env:OPENAI_API_KEY}"],
    )
    model: Annotated[str | None, Text()] = Field(
        default=None, description="The model's name.", examples=["gpt-4o-mini"]
    )
    prompt: Annotated[str | None, Text()] = Field(
        default=None,
        description="What is asked of the model.",
        examples=["Write a short and friendly comment."],
    )
    max_tokens: Annotated[int | None, Whole(1, 1_000_000)] = Field(
        default=None, description="The longest answer.", examples=[100]
    )
    temperature: Annotated[float | None, Number(0, 2)] = Field(
        default=None, description="The model's temperature.", examples=[0.7]
    )
    base_url: Annotated[str | None, Text()] = Field(
        default=None, description="The service's address.", examples=["https://api.openai.com/v1"]
    )


class AccountWarmupConfig(ScriptConfig, title="Parameters of account_warmup"):
    """Watch and react for a while."""

    task_duration: Annotated[int | None, _SECONDS] = Field(
        default=None, description="Seconds in all.", examples=[1800], json_schema_extra={HOST_DEFAULT: 600}
    )
    topic: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="Topics, one per line.", examples=["winter hiking"]
    )
    min_duration: Annotated[int | None, _SECONDS] = Field(
        default=None,
        description="Fewest seconds on one video.",
        examples=[20],
        json_schema_extra={HOST_DEFAULT: 15},
    )
    max_duration: Annotated[int | None, _SECONDS] = Field(
        default=None,
        description="Most seconds on one video.",
        examples=[60],
        json_schema_extra={HOST_DEFAULT: 30},
    )
    like_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Likes, in percent.", examples=[10], json_schema_extra={HOST_DEFAULT: 0}
    )
    floow_probable: Annotated[int | None, _PERCENT] = Field(
        default=None,
        description="Follows, in percent; spelt so by the vendor.",
        examples=[2],
        json_schema_extra={HOST_DEFAULT: 0},
    )
    collect_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Collects, in percent.", examples=[5], json_schema_extra={HOST_DEFAULT: 0}
    )
    comment_probable: Annotated[int | None, _PERCENT] = Field(
        default=None, description="Comments, in percent.", examples=[1], json_schema_extra={HOST_DEFAULT: 0}
    )
    comment: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="Comments, one per line.", examples=["Beautiful!"]
    )
    insert_emoji: Annotated[bool | None, Truth()] = Field(
        default=None, description="Add an emoji.", json_schema_extra={HOST_DEFAULT: False}
    )
    comment_order: Annotated[str | None, _ORDER] = Field(
        default=None,
        description="How comments are taken from the lines.",
        json_schema_extra={HOST_DEFAULT: "random"},
    )
    generate_by_chatgpt: Annotated[bool | None, Truth()] = Field(
        default=None,
        description="Generate the comments.",
        json_schema_extra={HOST_DEFAULT: False},
    )
    chatgpt_settings: Annotated[Any, Nested("chatgpt_settings")] = Field(
        default=None,
        description="How comments are generated.",
        examples=[{"api_key": "${env:OPENAI_API_KEY}", "model": "gpt-4o-mini"}],
    )

    def faults(self) -> list[Fault]:
        """Return what the parameters say against each other."""
        low, high = self.min_duration, self.max_duration
        if low is not None and high is not None and low > high:
            return [("min_duration", f"{low} is more than `max_duration`, {high}; swap them")]
        return []


class ProfileConfig(ScriptConfig, title="Parameters of profile"):
    """Edit an account's profile; newer hosts only."""

    profile_order: Annotated[str | None, _ORDER] = Field(
        default=None,
        description="How values are taken from the lines.",
        json_schema_extra={HOST_DEFAULT: "random"},
    )
    nicknames: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="One per line.", examples=["Brand Sweden"]
    )
    usernames: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="One per line.", examples=["brand_se"]
    )
    bios: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="One per line.", examples=["The north in pictures"]
    )
    link_url: Annotated[str | None, _MAYBE_BLANK] = Field(
        default=None, description="The profile's link.", examples=["https://example.com/winter"]
    )
    avatars_path: Annotated[str | None, Text()] = Field(
        default=None, description="A folder of images on the host.", examples=["C:/Avatars/winter"]
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
