"""Terms in years: the one rule by which a day so many years later is found."""

from __future__ import annotations

from datetime import date


def add_years(day: date, years: int) -> date:
    """The corresponding day some years later; the last of February for a day that is not there.

    Civil Code (民法典) Art. 202: a term counted in years or months ends on the corresponding day
    of the month in which it falls due, and on that month's last day where there is none. A day
    beyond the calendar's end is its last day.
    """
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


__all__ = ["add_years"]
