"""The log as perfect Merkle subtrees: 70 entries are 64 + 4 + 2, and their hashes together make the root."""

from dataclasses import dataclass

from markupsafe import Markup

from api.console.charts import ink

WIDTH, HEIGHT, TOP = 640, 96, 40
LEAST = 34


@dataclass(frozen=True, slots=True)
class TreeTexts:
    """Title and description of the chart."""

    title: str
    desc: str


def subtrees(size: int, texts: TreeTexts) -> Markup:
    """One triangle a subtree, the widest first, its number of entries under it; widths follow the heights."""
    parts = [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
    weights = [LEAST + 14 * (part.bit_length() - 1) for part in parts]
    scale = min(1.0, WIDTH / sum(weights)) if weights else 1.0
    drawn: list[Markup] = []
    left = 0
    for part, weight in zip(parts, weights, strict=True):
        width = int(weight * scale)
        height = 8 + 3 * part.bit_length()
        middle, bottom = left + width // 2, TOP + 28
        drawn += [
            ink.line(middle, bottom - height, middle, 8, ink.LINE),
            Markup('<polygon points="{},{} {},{} {},{}" fill="{}" stroke="{}"/>').format(
                left + 2, bottom, left + width - 2, bottom, middle, bottom - height, ink.PRIMARY_PALE, ink.PRIMARY
            ),
            ink.text(middle, bottom + 18, f"{part:,}", anchor="middle", fill=ink.INK),
        ]
        left += width
    if parts:
        first, last = int(weights[0] * scale) // 2, left - int(weights[-1] * scale) + int(weights[-1] * scale) // 2
        root = Markup('<circle cx="{}" cy="8" r="5" fill="{}"/>').format((first + last) // 2, ink.PRIMARY)
        drawn += [ink.line(first, 8, last, 8, ink.LINE), root]
    return ink.frame("tree", WIDTH, HEIGHT, texts.title, texts.desc, drawn)
