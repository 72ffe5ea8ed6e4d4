"""A plan as one self-contained HTML page. Knows the domain and nothing of files, travel or the solver."""

from fieldops.report.render import render_report

__all__ = ["render_report"]
