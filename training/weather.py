"""Beijing's hourly weather, and how forecasts of it are measured; no torch here."""

import numpy as np

from beijing import WEATHER, read_hours

HORIZON = 24
WEEK = 168


def read_series():
    """Returns the hours, and for each its values in the user's units, in the order of the model's features."""
    return read_hours(WEATHER)


def span(hours, first_year, last_year):
    """The hours whose forecasts lie within the years, targets included: the range [begin, end) of their indices."""
    inside = [index for index, hour in enumerate(hours) if first_year <= hour.year <= last_year]
    return max(0, inside[0] - 1), inside[-1] + 1 - HORIZON


def errors(forecasts, actual):
    """Mean absolute errors in °C, over all horizons and of some."""
    error = np.abs(forecasts - actual).mean(axis=0)
    return {"all": round(error.mean(), 3), **{f"+{hours}h": round(error[hours - 1], 3) for hours in (1, 6, 12, 24)}}
