"""What a merge decided, or asks: the plan as JSON and as a page, and a page on which a person answers."""

from bibtools.report.markup import Labels
from bibtools.report.plan import shown, summary, to_html, to_json

__all__ = ["Labels", "shown", "summary", "to_html", "to_json"]
