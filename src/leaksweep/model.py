"""The types everything hangs on: immutable, without input or output. (Named tuples: a dataclass costs a millisecond
of start-up each.)

Words: a *target* yields *blobs*; a *rule* makes *matches* in a blob; matches of one credential become one *secret*,
seen at one or more *places*, with exactly one *verdict*. What was not scanned is a *skipped*.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum, IntEnum
from typing import NamedTuple

from leaksweep.redact import Secret, printable


class Severity(IntEnum):
    """How bad a live leak of this type is, by blast radius."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @classmethod
    def parse(cls, text: str) -> Severity:
        """``"high"`` -> ``Severity.HIGH``; a ``KeyError`` for anything else."""
        return cls[text.upper()]


class Confidence(IntEnum):
    """How sure we are that a match is a credential of its type."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    PROVEN = 4  #: an offline proof that chance cannot pass (a checksum, a parsed key)


class Verdict(Enum):
    """What triage decided about a secret; every secret has exactly one."""

    NEW = "new"
    BASELINED = "baselined"
    IGNORED_INLINE = "ignored-inline"
    IGNORED_BY_CONFIG = "ignored-by-config"
    BELOW_THRESHOLD = "below-threshold"

    @property
    def suppressed(self) -> bool:
        """Whether people said that it is no longer to be shown as something to do."""
        return self in (Verdict.BASELINED, Verdict.IGNORED_INLINE, Verdict.IGNORED_BY_CONFIG)


class Span(NamedTuple):
    """A half-open range of byte offsets, ``[start, end)``."""

    start: int
    end: int


# ---------------------------------------------------------------- what a target yields


class Blob(NamedTuple):
    """Bytes to scan: a whole content, or one window of a content too large for memory.

    ``origin`` is the target's own key for the place; after the scan, ``Target.locate`` turns the few origins that
    had matches into places. ``offset`` and ``line`` say where ``data`` begins in the content (bytes, 0-based line).
    ``overlap`` bytes at its beginning were also the end of the window before it, and a window that is not the ``last``
    has another after it: a match belongs to the first window that holds it without touching an edge inside the content.
    """

    origin: Hashable
    data: bytes
    offset: int = 0
    line: int = 0
    overlap: int = 0
    last: bool = True
    inside: str = ""  #: the path inside the content, where ``data`` was unpacked from it, joined by ``!/``
    only: frozenset[str] | None = None  #: of what is inside it, what is to be searched (``""``: itself); None: all

    @property
    def first(self) -> bool:
        """Whether the content begins here."""
        return self.overlap == 0

    @property
    def own(self) -> bool:
        """Whether these are bytes of the content itself, not of something inside it."""
        return not self.inside

    def __repr__(self) -> str:
        """Never the data: a blob may stand in a traceback."""
        return f"Blob({self.origin!r}, {len(self.data)} bytes at {self.offset})"


class Skipped(NamedTuple):
    """Something that was not scanned, and why. It travels with the findings into every report."""

    what: str
    why: str


class Unopened(NamedTuple):
    """Something inside a blob, at a path of there, that was not unpacked, and why."""

    origin: Hashable
    inside: str
    why: str


class Witness(NamedTuple):
    """The public half of a key pair, seen in a content: no finding, but it tells what a private key opens."""

    key: bytes  #: a short hash of its numbers, the same for every form
    what: str = "public key"
    subject: str = ""  #: whom a certificate names, printable
    until: str = ""  #: the last day of its validity, as ``2030-01-31``


class Hint(NamedTuple):
    """A witness, and where it was seen: a blob, and the path inside it."""

    origin: Hashable
    inside: str
    witness: Witness


class Known(NamedTuple):
    """Contents that are covered without being read, since an earlier run found them clean; or bytes of them."""

    blobs: int
    bytes: int
    hints: tuple[Hint, ...] = ()  #: what that run saw in them


# ---------------------------------------------------------------- where a secret was seen


class File(NamedTuple):
    """A file of the workspace, by its path relative to the scanned root, ``/``-separated, surrogate-escaped."""

    path: str
    inside: str = ""

    @property
    def uri(self) -> str:
        """The percent-encoded relative URI that reports use, of the file itself."""
        return _uri(self.path)

    @property
    def label(self) -> str:
        """One printable line for people."""
        return printable(_inside(self.path, self.inside))

    @property
    def run(self) -> str:
        """The category of the report run that this place belongs to."""
        return "workspace"


class Gone(NamedTuple):
    """That a later layer hides a file, which stays in the layer that has it and can be downloaded."""

    how: str  #: ``overwritten`` or ``deleted``
    layer: int  #: the position of that layer

    @property
    def label(self) -> str:
        """What to say of it after the file's name."""
        return f"{self.how} in layer {self.layer}" + (", still downloadable" if self.how == "deleted" else "")


class Step(NamedTuple):
    """The lines of a Dockerfile of the workspace that made a layer or a field of an image."""

    file: str  #: as a path of the workspace
    first: int
    last: int
    end_column: int = 1  #: of the last line, exclusive, in UTF-16 units
    line_hash: str = ""  #: GitHub's, of the first line

    @property
    def uri(self) -> str:
        """The percent-encoded relative URI of the Dockerfile."""
        return _uri(self.file)

    @property
    def label(self) -> str:
        """One printable line for people."""
        return printable(f"{self.file}:{self.first}")


class LayerFile(NamedTuple):
    """A file of one layer of an image; ``gone`` says what a later layer made of it, ``step`` what made the layer, and
    ``base`` from which image it was inherited.

    ``image`` is the repository without tag or digest, so that the URI is stable from build to build; ``reference``
    is what the user named. ``layer`` is the layer's digest (DiffID), ``index`` its 1-based position from the base.
    """

    image: str
    reference: str
    index: int  # type: ignore[assignment]  # hides tuple.index
    layer: str
    path: str
    inside: str = ""
    gone: Gone | None = None
    step: Step | None = None
    base: str = ""

    @property
    def uri(self) -> str:
        """``image/<repository>/<path in the image>``, percent-encoded."""
        return _uri(f"image/{self.image}/{self.path}")

    @property
    def label(self) -> str:
        """One printable line for people."""
        fate = f", {self.gone.label}" if self.gone else ""
        base = f", from {self.base}" if self.base else ""
        layer = f"layer {self.index} ({self.layer[:19]}{fate}{base})"
        return printable(f"{self.reference} {layer}: /{_inside(self.path, self.inside)}")

    @property
    def run(self) -> str:
        """The category of the report run that this place belongs to."""
        return f"image/{self.image}"


class ImageConfig(NamedTuple):
    """A field of an image's configuration, such as ``env/API_KEY`` or ``history/3``."""

    image: str
    reference: str
    field: str
    inside: str = ""
    step: Step | None = None

    @property
    def uri(self) -> str:
        """``image/<repository>/.image-config/<field>``, percent-encoded."""
        return _uri(f"image/{self.image}/.image-config/{self.field}")

    @property
    def label(self) -> str:
        """One printable line for people."""
        return printable(f"{self.reference} config: {_inside(self.field, self.inside)}")

    @property
    def run(self) -> str:
        """The category of the report run that this place belongs to."""
        return f"image/{self.image}"


class Commit(NamedTuple):
    """A commit; ``order`` is its position in the walk over history, parents first. ``by`` only where asked for."""

    id: str
    order: int
    by: str = ""  #: author and date

    @property
    def short(self) -> str:
        """As people write it."""
        return self.id[:10]


class Held(NamedTuple):
    """The branches and tags that hold a commit: the first few of each, and how many there are."""

    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    branch_count: int = 0
    tag_count: int = 0

    @property
    def label(self) -> str:
        """The first branch or tag, and how many more."""
        count = self.branch_count + self.tag_count
        first = next(iter((*self.branches, *self.tags)), "")
        return f"in {first}" + (f" and {count - 1} more" if count > 1 else "") if first else ""


class CommitFile(NamedTuple):
    """A version of a file in git's history.

    ``commit`` brought in this version, which is the newest of ``versions`` that have the secret; ``first`` the oldest.
    """

    path: str
    commit: Commit
    first: Commit
    in_head: bool = False  #: whether the version is in the commit that is checked out
    held: Held = Held()  #: what holds ``first``
    versions: int = 1
    inside: str = ""
    category: str = "history"

    @property
    def uri(self) -> str:
        """The percent-encoded path, as of a file of the workspace: consumers show it where it still exists."""
        return _uri(self.path)

    @property
    def label(self) -> str:
        """One printable line for people."""
        first = f"first in {self.first.short}" if self.first.id != self.commit.id else ""
        told = (first, self.first.by, "still in HEAD" if self.in_head else "", self.held.label)
        facts = ", ".join(text for text in told if text)
        return printable(f"{_inside(self.path, self.inside)}@{self.commit.short}" + (f" ({facts})" if facts else ""))

    @property
    def run(self) -> str:
        """The category of the report run that this place belongs to."""
        return self.category


class GitText(NamedTuple):
    """A text of git's own: the message of a ``commit`` or a ``tag``, a ``note``, or a ``blob`` that no commit has.

    ``id`` is the object's; ``name`` what people call it: the tag, the commit that the note is on, the ref of the blob.
    """

    kind: str
    id: str
    name: str = ""
    held: Held = Held()
    by: str = ""
    inside: str = ""
    category: str = "history"

    @property
    def uri(self) -> str:
        """``git/<kind>/<id>``."""
        return _uri(f"git/{self.kind}/{self.id}")

    @property
    def label(self) -> str:
        """One printable line for people."""
        what = {"commit": "message of commit", "tag": "message of tag", "note": "note on"}.get(self.kind, "object")
        name = self.name or (self.id if self.kind == "blob" else self.id[:10])
        facts = ", ".join(text for text in (self.by, self.held.label) if text)
        return printable(f"{what} {_inside(name, self.inside)}" + (f" ({facts})" if facts else ""))

    @property
    def run(self) -> str:
        """The category of the report run that this place belongs to."""
        return self.category


Place = File | LayerFile | ImageConfig | CommitFile | GitText


def step_of(place: Place) -> Step | None:
    """The lines of the workspace's Dockerfile that made this place of an image, if they are known."""
    return place.step if isinstance(place, LayerFile | ImageConfig) else None


def _inside(path: str, inside: str) -> str:
    return f"{path}!/{inside}" if inside else path


def _uri(path: str) -> str:
    from urllib.parse import quote

    # Only unreserved characters and "/" stay: a colon in the first segment would parse as a scheme.
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a character, as JSON may hold it
        raw = path.encode("utf-8", "surrogatepass")
    return quote(raw, safe="/")


# ---------------------------------------------------------------- what is known of a secret type


class Provider(NamedTuple):
    """Who issues secrets, or what sort of place they stand in."""

    slug: str  #: the name of its rule file
    name: str
    any_provider: bool = False  #: values of any provider's stand there: the names round one say whose it is
    common_word: bool = False  #: its name is a word of everyday code, such as ``line``


class Playbook(NamedTuple):
    """What to do about a leak of one secret type; texts are plain, URLs may be empty."""

    revoke: str
    revoke_url: str = ""
    audit: str = ""
    audit_url: str = ""
    breaks: str = ""
    env: tuple[str, ...] = ()
    generate: str = ""  #: where a new one is made
    rotate: tuple[str, ...] = ()  #: the provider's own steps between the new one and the end of the old one
    lasts: str = ""  #: how long it works by itself


class Example(NamedTuple):
    """A template that must match (or, as a counter-example, must not); see ``leaksweep.rules.expand``."""

    text: str
    why: str = ""


RANKS = ("generic", "named", "context", "pattern")  #: of rules, from the least to the most specific
GENERIC, CONTEXT = RANKS[0], RANKS[2]
NAMED = RANKS[1]  #: a generic rule, of the provider that the names round a value speak of
KINDS = tuple(kind for kind in RANKS if kind != NAMED)  #: that a rule file may name


class Rule(NamedTuple):
    """What is known of one secret type.

    ``pattern`` is a bytes regular expression that compiles in RE2 and Hyperscan, with one group named ``secret``.
    ``kind`` orders rules where they overlap: a ``pattern`` (the shape alone tells) beats ``context`` (words near the
    value tell) beats ``generic`` (no provider). ``proofs`` names the offline checks of ``leaksweep.proofs``; ``pair``
    names the rule of the other half that makes one credential with this one. ``weak`` secrets are chosen by people.
    ``prefilter`` is a pattern that matches inside every match of ``pattern`` and is searched for first ("": itself).
    """

    id: str
    name: str
    provider: Provider
    summary: str
    severity: Severity
    confidence: Confidence
    kind: str
    pattern: str
    width: int  #: upper bound of a match in bytes
    playbook: Playbook
    proofs: tuple[str, ...] = ()
    pair: str = ""
    weak: bool = False
    references: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()
    files: tuple[str, ...] = ()  #: globs: where else it stands, it is none
    prefilter: str = ""
    category: str = "other"  #: the kind of service, which names the texts of its playbook (``leaksweep.playbooks``)

    @property
    def family(self) -> str:
        """What the identity of its secrets is made of: the same for a value whatever the names round it say."""
        return "assigned" if self.provider.any_provider else self.id

    @property
    def rank(self) -> int:
        """Specificity where rules overlap: higher wins."""
        return RANKS.index(self.kind)


class Kept(NamedTuple):
    """A value that the organisation keeps, and where: ``vault:secret/app#key``."""

    where: str
    secret: Secret


# ---------------------------------------------------------------- what the engine finds


class Location(NamedTuple):
    """Where in a content: 1-based lines and columns, the end column exclusive; columns count UTF-16 units."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class Match(NamedTuple):
    """One rule's hit in one blob. Spans are byte offsets in the blob's data; of an encoded secret, of its encoding."""

    rule: Rule
    span: Span
    secret_span: Span
    secret: Secret
    context: Secret  #: the text of the match round the secret, without it: the identity of weak secrets
    confidence: Confidence
    proofs: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()
    encodings: tuple[str, ...] = ()  #: that the secret is wrapped in, the outermost first, such as ``base64``


class Companion(NamedTuple):
    """The other half of a pair (an access key id, an account SID), found next to the secret."""

    rule: str
    secret: Secret


MARKERS = ("leaksweep", "gitleaks", "trufflehog", "detect-secrets", "ggshield", "kingfisher")
#: the tools whose markers are understood


class Marker(NamedTuple):
    """A comment at a secret that says to ignore it."""

    tool: str  #: one of ``MARKERS``
    rules: tuple[str, ...] = ()  #: ids or globs of the rules that it is meant for; empty: every rule
    reason: str = ""


class Sighting(NamedTuple):
    """A match, lifted out of its blob: the unit the engine hands to triage."""

    origin: Hashable
    match: Match
    location: Location
    line_hash: str  #: GitHub's primaryLocationLineHash of the line, "" where the content was scanned in windows
    content: str  #: git's blob id of the content, "" where the content was scanned in windows
    inside: str = ""  #: the path inside the content
    markers: tuple[Marker, ...] = ()


# ---------------------------------------------------------------- what people act on


class Seen(NamedTuple):
    """One place of a secret, with the location in it."""

    place: Place
    location: Location
    line_hash: str = ""
    encodings: tuple[str, ...] = ()  #: that the secret is wrapped in there, the outermost first
    markers: tuple[Marker, ...] = ()  #: that stand by it there

    @property
    def region(self) -> Location:
        """Where in the place's own file: inside an archive no line is one of the file, so it is the first."""
        return Location(1, 1, 1, 2) if self.place.inside else self.location


class Finding(NamedTuple):
    """One credential at its best place, with every other place it was seen at, and one verdict."""

    id: str  #: keyed identity, 32 hexadecimal digits: the same after moves, rebases and image rebuilds
    rule: Rule
    secret: Secret
    verdict: Verdict
    confidence: Confidence
    proofs: tuple[str, ...]
    companions: tuple[Companion, ...]
    context: Secret  #: the text round the secret in its match, without it
    places: tuple[Seen, ...]  #: never empty; the best place first
    reason: str = ""  #: of the verdict, in words; it may stand in any report

    @property
    def best(self) -> Seen:
        """The place where the finding is shown."""
        return self.places[0]


class Count(NamedTuple):
    """How many of something there were to scan, as told before or beside the scan, and how many were scanned."""

    what: str  #: ``files``, ``objects``, ``commits``, ``layers`` or ``bytes``
    expected: int
    scanned: int


class Subject(NamedTuple):
    """What was scanned, by a digest that others know it by."""

    name: str
    algorithm: str  #: as in-toto names it: ``sha256``, ``gitCommit``
    digest: str  #: hexadecimal digits


class Account(NamedTuple):
    """What a target says of itself after a scan."""

    counts: tuple[Count, ...] = ()
    subjects: tuple[Subject, ...] = ()


class Coverage(NamedTuple):
    """How much of one target was scanned."""

    target: str  #: what the user named
    run: str  #: the category of the report run, e.g. ``workspace`` or ``image/app``
    blobs: int
    bytes: int
    skipped: int = 0  #: things in it that were not scanned; ``Result.skipped`` says which
    account: Account = Account()


class Result(NamedTuple):
    """Everything a report may say, in a deterministic order."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    coverage: tuple[Coverage, ...]
    allow_skipped: bool = False
    notes: tuple[str, ...] = ()  #: what the user should know of the scan's rulings, such as that one expired
    show_suppressed: bool = False  #: whether SARIF lists suppressed findings too

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that fail the scan."""
        return tuple(f for f in self.findings if f.verdict is Verdict.NEW)

    @property
    def verdicts(self) -> dict[str, int]:
        """How many findings have each verdict, all verdicts named."""
        counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
        for finding in self.findings:
            counts[finding.verdict.value] += 1
        return counts

    @property
    def complete(self) -> bool:
        """Whether everything was scanned that had to be."""
        return self.allow_skipped or not self.skipped


OVERLAP = 64 * 1024  #: bytes that neighbouring windows share: no rule's pattern may be wider than half of it
WINDOW = 8 * 1024 * 1024  #: bytes of a content that are scanned at once
