"""What a contract says about its single fields: where they are, which tags they make, which of them are secret.

A contract is walked once, when it is loaded; what comes out are small closures that go straight to the values. They
run for every event, so they look at nothing that has no meaning for them. Pointers are RFC 6901 with `*` for
"each item"; where a closure meets a member that is not there, it passes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

Schema = Mapping[str, Any]
Collect = Callable[[Any, set[str]], None]
"""Puts the tags found in a value into the set."""

MAX_TAG = 128
"""Bytes of a tag (`ledger-format` 1): printable ASCII without blanks, the rest percent-encoded."""

SECRET = frozenset({"commercial", "personal", "dic", "vault"})
"""Classes that may not stand in an entry in clear."""

_ASCII_TYPES = ("#/$defs/uscc", "#/$defs/pid", "#/$defs/sha256")
_PLAIN = "".join(chr(n) for n in range(0x21, 0x7F))


def step(pointer: str, name: str | int) -> str:
    """The pointer one member or item further, escaped as RFC 6901 says."""
    return f"{pointer}/{name}" if isinstance(name, int) else f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def values(data: object, pointer: str) -> Iterator[tuple[str, Any]]:
    """Each value a contract pointer names in `data`, with the plain pointer to it; nothing where it is absent."""
    found: list[tuple[str, Any]] = [("", data)]
    for part in pointer.split("/")[1:]:
        further: list[tuple[str, Any]] = []
        for at, value in found:
            if part == "*" and isinstance(value, list):
                further += [(f"{at}/{n}", item) for n, item in enumerate(value)]
            elif isinstance(value, dict) and part in value:
                further.append((step(at, part), value[part]))
        found = further
    yield from found


def field_at(schema: Schema, path: list[str | int], types: Schema) -> Schema | None:
    """The field of a contract that a value at `path` belongs to, or None where the contract has none there."""
    field: Any = schema
    for part in path:
        inner = types["$defs"][field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else field
        field = inner.get("items") if isinstance(part, int) else inner.get("properties", {}).get(part)
        if field is None:
            return None
    return field  # type: ignore[no-any-return]


def is_secret(schema: Schema, path: list[str | int], types: Schema) -> bool:
    """Whether a value at `path` could be a secret by its contract: sealed, of a secret class, or within such a one."""
    classes = [schema["x-secrecy"]]
    for depth in range(1, len(path) + 1):
        field = field_at(schema, path[:depth], types)
        classes.append(field.get("x-secrecy", classes[-1]) if field is not None else "vault")
    return "x-sealed" in schema or any(isinstance(one, Mapping) or one in SECRET for one in classes)


def every_field(schema: Schema, pointer: str = "") -> Iterator[tuple[str, Schema]]:
    """Each field of a contract at any depth, with its contract pointer (`*` for items)."""
    for name, field in schema.get("properties", {}).items():
        yield f"{pointer}/{name}", field
        yield from every_field(field, f"{pointer}/{name}")
    if "items" in schema:
        yield f"{pointer}/*", schema["items"]
        yield from every_field(schema["items"], f"{pointer}/*")


def tag(prefix: str, value: object) -> str:
    """`prefix:value`; what is not printable ASCII is percent-encoded as UTF-8."""
    text = str(value)
    if text.isascii() and text.isprintable() and " " not in text:
        return f"{prefix}:{text}"
    return f"{prefix}:{quote(text, safe=_PLAIN)}"


def tag_collector(schema: Schema, *, loose_only: bool = False) -> Collect | None:
    """A closure that collects the tags of all `x-tag` fields; None where there are none.

    With `loose_only` it looks at those fields alone whose values could need percent-encoding and so grow too long.
    """
    prefix = schema.get("x-tag")
    if prefix is not None:
        ascii_only = str(schema.get("$ref", "")).endswith(_ASCII_TYPES)
        if loose_only and ascii_only:
            return None
        return _leaf(prefix, plain=ascii_only)
    if "items" in schema:
        inner = tag_collector(schema["items"], loose_only=loose_only)
        return None if inner is None else _each(inner)
    members = [
        (name, inner)
        for name, field in schema.get("properties", {}).items()
        if (inner := tag_collector(field, loose_only=loose_only)) is not None
    ]
    return _members(tuple(members)) if members else None


def _leaf(prefix: str, *, plain: bool) -> Collect:
    head = f"{prefix}:"

    def collect_plain(value: Any, found: set[str]) -> None:
        found.add(head + value)

    def collect(value: Any, found: set[str]) -> None:
        found.add(tag(prefix, value))

    return collect_plain if plain else collect


def _each(inner: Collect) -> Collect:
    def collect(value: Any, found: set[str]) -> None:
        for item in value:
            inner(item, found)

    return collect


def _members(members: tuple[tuple[str, Collect], ...]) -> Collect:
    def collect(value: Any, found: set[str]) -> None:
        for name, inner in members:
            if name in value:
                inner(value[name], found)

    return collect


def secret_pointers(schema: Schema, inherited: str, pointer: str = "") -> Iterator[str]:
    """Contract pointers of the members that are secret: sealed for now, or of a class no entry may show.

    A field without a class has that of the object around it, in the end that of the contract (`inherited`). A secret
    object or list is one value, so nothing below it is named.
    """
    if "items" in schema:
        yield from secret_pointers(schema["items"], inherited, f"{pointer}/*")
    for name, field in schema.get("properties", {}).items():
        secrecy = field.get("x-secrecy", inherited)
        if isinstance(secrecy, dict) or secrecy in SECRET:
            yield f"{pointer}/{name}"
        else:
            yield from secret_pointers(field, secrecy, f"{pointer}/{name}")
