"""What charts are drawn with: the console's colours, and text and lines as SVG."""

from markupsafe import Markup

INK, MUTED, LINE, PALE = "#1b2430", "#4d5b6b", "#c3ccd6", "#eef2f6"
PRIMARY, PRIMARY_PALE, ALARM, ALARM_PALE = "#1a4f8b", "#dbe7f4", "#a61b1b", "#fdecec"


def frame(name: str, width: int, height: int, title: str, desc: str, content: list[Markup]) -> Markup:
    """An SVG with title and description; `name` is unique on a page."""
    head = Markup(
        '<svg class="chart chart-{n}" role="group" aria-labelledby="{n}-title {n}-desc" viewBox="0 0 {w} {h}"'
        ' width="{w}" height="{h}"><title id="{n}-title">{t}</title><desc id="{n}-desc">{d}</desc>'
    ).format(n=name, w=width, h=height, t=title, d=desc)
    return head + Markup("").join(content) + Markup("</svg>")


def text(
    x: int, y: int, said: str, *, anchor: str = "start", fill: str = MUTED, size: int = 12, bold: bool = False
) -> Markup:
    """A line of text."""
    weight = Markup(' font-weight="600"') if bold else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}" font-size="{}"{}>{}</text>').format(
        x, y, anchor, fill, size, weight, said
    )


def box(x: int, y: int, width: int, height: int, fill: str, *, stroke: str = "none", dashed: bool = False) -> Markup:
    """A rectangle."""
    dash = Markup(' stroke-dasharray="4 3"') if dashed else Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"{}/>').format(
        x, y, max(width, 0), height, fill, stroke, dash
    )


def line(x1: int, y1: int, x2: int, y2: int, stroke: str = LINE, width: int = 1) -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>').format(
        x1, y1, x2, y2, stroke, width
    )
