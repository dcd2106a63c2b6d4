"""Every rule by which files are checked, on one page: its id, which never changes, and what it means.

The ids stand in `validate --format json|github|sarif`, the paragraphs are what `--explain ID` prints.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache


class Rule(StrEnum):
    """A rule that a file may break. Each has its paragraph below."""

    # Files and folders
    FILE_UNREAD = "file-unread"
    CONFIG_MISSING = "config-missing"
    NO_CAMPAIGN_FILE = "no-campaign-file"
    NOT_CHECKED = "not-checked"
    EMPTY_FILE = "empty-file"
    TOO_LARGE = "too-large"

    # YAML
    NOT_YAML = "not-yaml"
    NOT_UTF_8 = "not-utf-8"
    CONTROL_CHARACTER = "control-character"
    NESTED_TOO_DEEP = "nested-too-deep"
    TOO_MANY_VALUES = "too-many-values"
    TOO_MANY_ALIASES = "too-many-aliases"
    TOO_MANY_PROBLEMS = "too-many-problems"
    YAML_TAG = "yaml-tag"
    YAML_ANCHOR = "yaml-anchor"
    YAML_MERGE = "yaml-merge"
    SECOND_DOCUMENT = "second-document"
    KEY_NOT_TEXT = "key-not-text"
    KEY_TWICE = "key-twice"

    # Keys and values
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    NO_VALUE = "no-value"
    WRONG_TYPE = "wrong-type"
    WRONG_VALUE = "wrong-value"
    EMPTY_LIST = "empty-list"
    EMPTY_TEXT = "empty-text"
    GIVEN_TWICE = "given-twice"
    BAD_NAME = "bad-name"
    NOT_A_NUMBER = "not-a-number"
    QUOTED_NUMBER = "quoted-number"
    OUT_OF_RANGE = "out-of-range"
    NOT_TRUE_OR_FALSE = "not-true-or-false"
    UNKNOWN_VALUE = "unknown-value"
    NOT_A_WINDOW = "not-a-window"
    NOT_A_DURATION = "not-a-duration"
    NOT_A_DATE = "not-a-date"
    NOT_A_WEEKDAY = "not-a-weekday"
    ZONE_UNKNOWN = "zone-unknown"
    WRONG_ORDER = "wrong-order"

    # Config
    HOST_ADDRESS = "host-address"
    HOST_TWICE = "host-twice"
    HOST_UNKNOWN = "host-unknown"
    STORE_ADDRESS = "store-address"
    LISTEN_ADDRESS = "listen-address"
    NOTIFY_ADDRESS = "notify-address"
    QUIET_ALL_DAY = "quiet-all-day"

    # Days by name
    CALENDAR_UNKNOWN = "calendar-unknown"
    CALENDAR_FILE = "calendar-file"
    HOLIDAYS_UNKNOWN = "holidays-unknown"
    HOLIDAYS_END = "holidays-end"
    TOO_MANY_PLACES = "too-many-places"

    # Groups and targets
    GROUP_UNKNOWN = "group-unknown"
    GROUP_HIDDEN = "group-hidden"
    GROUP_OF_GROUPS = "group-of-groups"
    GROUP_CIRCLE = "group-circle"
    GROUP_DEPTH = "group-depth"
    GROUP_EXCLUDES_NOTHING = "group-excludes-nothing"
    SERIALS_AND_USERNAMES = "serials-and-usernames"
    NO_TARGET = "no-target"
    ACCOUNTS_NOT_DEVICES = "accounts-not-devices"

    # Campaigns and their entries
    CAMPAIGN_NAME = "campaign-name"
    CAMPAIGN_TWICE = "campaign-twice"
    ENTRY_TWICE = "entry-twice"
    DEFAULT_UNUSED = "default-unused"
    AFTER_UNKNOWN = "after-unknown"
    AFTER_CIRCLE = "after-circle"
    AFTER_TARGET = "after-target"
    AFTER_NEVER = "after-never"
    AHEAD_ALL_AT_ONCE = "ahead-all-at-once"
    AHEAD_ZONE = "ahead-zone"
    CONTENT_BROKEN = "content-broken"
    CONTENT_COLUMN = "content-column"
    CONTENT_ROW = "content-row"
    CONTENT_ROW_MISSING = "content-row-missing"
    CONTENT_ROW_UNUSED = "content-row-unused"
    WINDOWS_OVERLAP = "windows-overlap"
    WINDOW_TOO_SHORT = "window-too-short"
    WINDOW_IN_QUIET_HOURS = "window-in-quiet-hours"
    NEVER_RUNS = "never-runs"

    # Scripts and their parameters
    SCRIPT_UNKNOWN = "script-unknown"
    SCRIPT_ANNOUNCED = "script-announced"
    EXTRA_SCRIPT = "extra-script"
    PARAMETER_UNKNOWN = "parameter-unknown"
    PARAMETER_UNDOCUMENTED = "parameter-undocumented"
    PARAMETERS_DISAGREE = "parameters-disagree"
    PLACEHOLDER = "placeholder"
    PLACEHOLDER_WITHOUT_VALUE = "placeholder-without-value"
    SECRET_MISSING = "secret-missing"  # noqa: S105 - the name of a rule
    SECRET_IN_FILE = "secret-in-file"  # noqa: S105 - the name of a rule

    # Limits, and what shows across files only
    LIMIT_WITHOUT_EFFECT = "limit-without-effect"
    LIMIT_TOO_LOW = "limit-too-low"
    WINDOW_OVERFULL = "window-overfull"
    DEVICE_OVERBOOKED = "device-overbooked"
    GROUP_EXCEEDS_LICENCE = "group-exceeds-licence"

    @property
    def paragraph(self) -> str:
        """What is wrong, why it matters, and what to write instead."""
        return _paragraphs()[self]


@cache
def _paragraphs() -> dict[str, str]:
    joined = _TEXT.strip().replace("\n  ", " ")
    return dict(line.split(": ", 1) for line in joined.splitlines())


_TEXT = r"""
file-unread: The file or folder is not there, is no regular file, lies outside the campaign folder through a
  link, or may not be read. Mend the path or its permissions; a link out of the folder has to become a copy.
config-missing: There is no config in any of the places where one is looked for. Name it with `--config`, or
  let `campaign-runner init` write one.
no-campaign-file: A folder was named to be checked, but no file below it ends in `.yaml` or `.yml`. Files
  and folders whose names begin with a dot do not count.
not-checked: The process that checks files for the daemon ended badly or took too long. The last good
  versions stay in force; look at what is unusual about the files, with `validate`.
empty-file: The file holds nothing, or comments alone. A campaign needs at least `scripts:`, a config
  `hosts:`.
too-large: The file has more than 1 MiB. Each MiB costs seconds to check, and nobody edits such a file by
  hand: split it into several.
not-yaml: The text cannot be read as YAML: a quote or bracket is not closed, a key lacks its `:`, an
  indentation is off, or text needs quotes because of the character that it begins with. Nothing after this
  place was read.
not-utf-8: The file is not UTF-8, the only encoding that is read. Save it anew with your editor's choice of
  encoding.
control-character: A character stands in the file that no YAML may hold, e.g. NUL. Delete it, or write it as
  an escape (`\x07`) in double quotes. Many NUL characters mean a damaged file, or another encoding.
nested-too-deep: Lists and mappings stand inside each other more than 32 levels deep, which no campaign
  needs.
too-many-values: The file holds more than 200,000 values, each use of an alias counted as if it were written
  out, or so many in its `defaults`, counted once for each entry. Split it into several.
too-many-aliases: The file uses `*aliases` more than 100 times. Write the values out, or use a device group.
too-many-problems: The file has more than 500 problems, and its checking ended here. Mend those that are told
  first; often one mistake, such as an indentation, is behind many of them.
yaml-tag: Text that begins with `!` is a tag to YAML, and tags are not used here. Put quotes around it.
yaml-anchor: An `&anchor` is given twice, an `*alias` has no anchor above it, or it stands inside its own
  anchor. Text that begins with `&` or `*` needs quotes.
yaml-merge: `<<` takes over the keys of a mapping, or of a list of mappings: `<<: *name`.
second-document: A line `---` begins a second document in the file. Put each campaign into a file of its
  own.
key-not-text: A list or a mapping stands where a key should be. Often text begins with a bracket and needs
  quotes.
key-twice: A key is given twice in one mapping, so that nobody can tell which value is meant. Keep one.
unknown-key: There is no such key at this place. It may be misspelt, or be indented so that it belongs to
  something else. Unknown keys are refused, since a misspelt limit would silently be no limit.
missing-key: A key is missing without which the rest cannot be understood. Add it.
no-value: A key stands there without a value. Write one, or delete the key; text that begins with `#` needs
  quotes, or it is a comment.
wrong-type: One value, a list and a mapping are different things, and this place takes another one of them.
  A list is `[one, two]` or lines that begin with `- `; a mapping is keys with values.
wrong-value: The value cannot stand here; the message says what to write instead.
empty-list: A list or mapping holds nothing where at least one thing is needed.
empty-text: Text is empty, or blanks alone, where some is needed.
given-twice: The same name stands twice in one list. Keep one.
bad-name: Names that other places refer to have at most 64 letters, digits, `_`, `.` and `-`, and begin with
  a letter or digit. A serial or username is any text without spaces and commas.
not-a-number: A number is needed: digits, without leading zeros, signs or units. `${...}` is replaced in
  text only.
quoted-number: In quotes a number is text, and the host would be given text. Write it without quotes.
out-of-range: A number or a length of time is below or above what is allowed here.
not-true-or-false: `true` or `false`, without quotes, is needed. `yes`, `no`, `on` and `off` are plain text.
unknown-value: The key takes a few words only, and this is none of them.
not-a-window: A window is `"09:00-11:00"`, or one time, `"14:30"`; times go from `00:00` to `24:00`. Hours
  of the day need a beginning and an end that differ.
not-a-duration: A length of time needs units, the longest first: `90s`, `5m`, `2h30m`, `1d`.
not-a-date: A day is written as year-month-day, e.g. `2026-12-24`, a range of days with two dots,
  `2026-12-24..2027-01-06`. Each has to be in the calendar.
not-a-weekday: Days of the week are `[mon, tue, wed, thu, fri, sat, sun]`, as many as are meant, or one of
  the words `daily`, `weekdays` and `weekend`. A campaign's `days` take `calendar:NAME` beside them; holidays
  stand in `except`, or in a calendar.
zone-unknown: A time zone is written by its IANA name, e.g. `Europe/Stockholm`. Abbreviations and offsets do
  not know when clocks change.
wrong-order: The lower bound is above the upper one, or the first day after the last. Swap them.
host-address: The address of a host's API is `http://NAME:PORT/api/v1`, without user, `?` and `#`.
host-twice: Two hosts have one address: everything would be sent to the same program under two names. Delete
  one.
host-unknown: A group names a host that the config does not have.
store-address: The ledger is `sqlite:///PATH`, on disk, or `postgresql://user@host/db`.
listen-address: The API listens on an address with its port, `"127.0.0.1:8642"`, on `unix:PATH`, or is `off`.
  What other machines can reach needs TLS: `certfile` and `keyfile`.
notify-address: The address of a channel begins with the name of a service that Apprise knows, e.g. `ntfys://`,
  that of a ping with `https://` or `http://`. All of it may be a secret: `${env:ALARM_URL}`.
quiet-all-day: The quiet hours together cover the whole day, or the quiet calendars each day of the week:
  nothing would ever be submitted.
calendar-unknown: The config has no calendar of this name under `calendars`. It may be misspelt.
calendar-file: The iCalendar file of a calendar is not there, cannot be read, or names more days than a
  calendar may hold. Its path is relative to the config's folder.
holidays-unknown: No holidays are known of this place. Write the code of a country (ISO 3166), with a part of
  it after `-` where the part has its own: `SE`, `DE-BY`.
holidays-end: The holidays of this place are known up to some year: 2045, or less where they are set anew each
  year. On those of later years the campaign runs; give it an earlier `until`, or write such days as dates.
too-many-places: One list names the holidays of more than 20 places. Each takes time to work out; take some
  out.
group-unknown: There is no device group of this name, neither in the campaign's own `device_groups` nor in
  the config's.
group-hidden: The campaign has a group with the name of one of the config's. Inside this file the campaign's
  own counts.
group-of-groups: A group names either targets or other groups, from which `not` may take others out. Write
  the targets into a group of their own, and name that.
group-circle: A group contains itself, directly or through others. Take one out of the circle.
group-depth: Groups of groups of groups are nested deeper than 32 levels. Name the targets.
group-excludes-nothing: A group under `not` has no target in common with the `groups` beside it, so that it
  takes nothing out. It may be the wrong one.
serials-and-usernames: A group holds devices or accounts, not both, since the API takes one or the other.
  Make two groups, and a group of them.
no-target: No device and no account, or no user or post, is named: there would be nothing to do.
accounts-not-devices: `enable_multi_account` makes one task for each account on a device. Where groups name
  accounts it means nothing; write `false`, or use groups of serials.
campaign-name: A campaign without a `name` is called like its file, and the file's name cannot be a
  campaign's. Add `name`.
campaign-twice: Two files have campaigns of one name. Which one was meant nobody can tell, so neither is
  run. Rename one.
entry-twice: Two entries of a campaign have one name, by which the ledger knows them apart. Give one another
  `name`.
default-unused: No entry takes this part of `defaults`: each gives it itself, or has a script without such a
  parameter. Delete it.
after-unknown: `after` names an entry that the file does not have. It may be misspelt; entries of other
  campaigns cannot be waited for.
after-circle: By `after` an entry waits for itself, directly or through others, so that none of them would
  ever go. Take one `after` out of the circle.
after-target: Each target waits for its own work of the entry under `after`, and that entry is not for one of
  these targets, which would never go. Add the target to a group there, or take it out here.
after-never: The entry under `after` opens on each day only when this entry's window has closed, so that
  nothing would go in it. Move one of the windows.
ahead-all-at-once: With `deliver: ahead` work is handed over as its window opens, and all of this is due just
  then, so nothing can go ahead. Use `spread: even` in a window that opens earlier, or leave `deliver` out.
ahead-zone: With `deliver: ahead` a host begins work by its own clock, and the campaign has another time zone
  than the one that is taken for the host, since its `timezone` is not given. Write it in the config.
content-broken: The file of `content` cannot be read, is no CSV or no list of rows, or has a row that is
  wrong. Its path is relative to the campaign file. As long as it is so, the last good version stays in force.
content-column: The file of `content` lacks the column by which rows are chosen: `date`, or one of `target`,
  `serial` and `username`. Add it, or choose the rows by something else.
content-row: A row of a content file cannot be chosen: its date is none, it names no target, or its `id` is
  that of another row. Mend it, or delete it.
content-row-missing: An assignment has no row of the content file, and without one nothing is sent for it: it
  fails when it falls due. Add rows, or plan less.
content-row-unused: No assignment uses this row of the content file: its date is no day of the campaign, its
  target is none of the entry, or there are more rows than assignments.
windows-overlap: Two windows of one entry share some time, so that an assignment would belong to both. Part
  or join them.
window-too-short: The window is no longer than a request to a host may take (`http.timeout`). What is
  submitted has to be answered inside the window, so nothing would go.
window-in-quiet-hours: The window lies wholly inside the config's `quiet_hours`: everything in it would be
  skipped.
never-runs: `from`, `until`, `days` and `except` together leave no day on which the campaign's windows open.
script-unknown: The API documents no script of this name. It may be misspelt.
script-announced: The vendor has announced this script, but not documented its parameters. Once a host takes
  it, name it in the config's `extra_scripts`.
extra-script: The script is let through by the config's `extra_scripts`. Its parameters are sent as they are
  written.
parameter-unknown: The script has no such parameter, but one that is spelt almost like it. A host would
  silently do without.
parameter-undocumented: The API documents no such parameter. It is sent as it is, because hosts learn new
  ones before we do.
parameters-disagree: A parameter needs another one that is missing, or contradicts one that is there.
placeholder: A `${...}` has no known name, lacks its `}`, or stands where none is replaced. Write `$${` for
  the characters themselves.
placeholder-without-value: `${serial}` has a value for devices only, `${username}` for accounts only, and
  the entry has targets of the other kind.
secret-missing: A `${env:...}` or `${file:...}` has no value here. It need not, as long as it has one where
  the daemon runs; without, the assignment fails and nothing is sent.
secret-in-file: A secret stands in a file that others may read, and in its history. Write `${env:NAME}` or
  `${file:PATH}`.
limit-without-effect: The limit of an hour is above that of a day, which is used up before it.
limit-too-low: On some day more is planned than a limit lets through. What finds no place before its window
  closes is skipped, always the same tail. Raise the limit, or plan less.
window-overfull: One entry has more work for a device, or for a host with `in_flight`, than can begin while
  its window is open. How long a task takes is what completed tasks took, as the ledger knows them, else the
  script's own `task_duration`. The rest would be withdrawn when the window closes.
device-overbooked: A device or account is in windows of several entries at once, and together they have more
  work than can begin in that time: a device runs one task after the other. Part the windows, or the
  devices.
group-exceeds-licence: A group has more devices on one host than its licence allows, as the host said last.
  The host refuses what goes beyond.
"""
