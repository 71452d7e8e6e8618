"""Charts as SVG, drawn on the server: no script, no library, nothing but the standard library and markupsafe.

Every chart is a group with a title and a description for those who do not see it, carries its colours as presentation
attributes (a Content-Security-Policy drops `style=`), and says with a word or shape whatever it says with a colour.
"""

from markupsafe import Markup

from api.console.charts.bars import Bar, BarTexts, bars
from api.console.charts.strip import Day, Strip, StripTexts, strip
from api.console.charts.subtrees import TreeTexts, subtrees

__all__ = [
    "Bar",
    "BarTexts",
    "Day",
    "Markup",
    "Strip",
    "StripTexts",
    "TreeTexts",
    "bars",
    "strip",
    "subtrees",
]
