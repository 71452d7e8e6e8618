"""The control that moves a dossier's moment: two labelled sliders and two boxes.

The boxes are the form; without JavaScript they are all there is. The sliders step through the dossier's own positions
(when it was put on file) and its own moments (when it happened); the last step of each means now.
"""

from dataclasses import dataclass

from api.console import urls
from api.console.labels import Labels
from api.console.moment import Moment, written
from ledger.entry import Entry
from projections.dossier import Dossier, happened

MOST_STEPS = 240
"""A longer dossier is stepped through in even strides; the box takes any position."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a slider steps through: values for the box, and what each says aloud. The last value is empty: now."""

    values: tuple[str, ...]
    says: tuple[str, ...]
    at: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Control:
    """Both sliders, what stands in the boxes, and links to moments worth seeing."""

    action: str
    tag_field: str
    known: str
    true: str
    late: bool
    known_steps: Steps
    true_steps: Steps
    presets: tuple[tuple[str, str], ...]


def of(whole: Dossier, moment: Moment, label: Labels) -> Control:
    """The control of a whole dossier, standing at `moment`."""
    by_position = sorted(whole.entries, key=lambda entry: entry.position)
    by_time = sorted(whole.entries, key=happened)
    known = "" if moment.known is None else str(moment.known)
    true = "" if moment.true is None else written(moment.true)
    positions = [(str(e.position), _says(label, e.position, e.recorded)) for e in _thinned(by_position)]
    moments = {written(happened(e)[0]): label.plain_moment(e.time) for e in _thinned(by_time)}
    inside = "/" in whole.tag
    return Control(
        action=urls.dossier(whole.tag).partition("?")[0],
        tag_field=whole.tag if inside else "",
        known=known,
        true=true,
        late=moment.late,
        known_steps=_steps(positions, known, label),
        true_steps=_steps(list(moments.items()), true, label),
        presets=_presets(whole, moment, label),
    )


def _says(label: Labels, position: int, recorded: str) -> str:
    return label.words("control.position", n=position, when=label.plain_moment(recorded))


def _steps(steps: list[tuple[str, str]], at: str, label: Labels) -> Steps:
    values = [value for value, _ in steps]
    says = [text for _, text in steps]
    where = len(values) if not at else _place(values, at)
    return Steps(
        (*values, ""), (*says, label.words("control.now")), where, says[0] if says else "", label.words("control.now")
    )


def _place(values: list[str], at: str) -> int:
    """The last step that does not lie beyond `at`; positions compare as numbers, moments as written."""
    if at.isdecimal():
        return max((n for n, value in enumerate(values) if value.isdecimal() and int(value) <= int(at)), default=0)
    return max((n for n, value in enumerate(values) if value <= at), default=0)


def _thinned(entries: list[Entry]) -> list[Entry]:
    if len(entries) <= MOST_STEPS:
        return entries
    stride = -(-len(entries) // MOST_STEPS)
    return [*entries[:-1:stride], entries[-1]]


def _presets(whole: Dossier, moment: Moment, label: Labels) -> tuple[tuple[str, str], ...]:
    """Links: now; and where a moment is set, the same moment read the other ways."""
    found = [(label.words("control.preset_now"), urls.dossier(whole.tag))]
    at = written(moment.true) if moment.true is not None and not isinstance(moment.true, int) else ""
    if at:
        found += [
            (label.words("control.preset_known"), urls.dossier(whole.tag, [("known", at)])),
            (label.words("control.preset_true"), urls.dossier(whole.tag, [("true", at)])),
            (label.words("control.preset_late"), urls.dossier(whole.tag, [("true", at), ("late", "1")])),
        ]
    return tuple(found)
