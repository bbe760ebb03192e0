"""Beijing's hourly air, and how forecasts of it are measured; no torch here."""

import numpy as np

from beijing import AIR, WEATHER, read_hours

HORIZON = 24
WEEK = 168
EVERY = {"day": 25, "hour": 5}  # hours between two forecasts of so much; each hour of the day has its turn
SAMPLES, SEED = 200, 2014
LEVELS = [0.1, 0.25, 0.5, 0.75, 0.9]
TARGET = 0


def read_series():
    """Returns the hours, and for each the PM2.5 (NaN if it is missing), the weather, the hour and the day of the year."""
    return read_hours([AIR, *WEATHER])


def issued(hours, values, year, horizon="day"):
    """The first hours of the weeks that forecasts of a year go on from; those whose first value is missing are left out."""
    inside = [index for index, hour in enumerate(hours) if hour.year == year]
    begins = range(inside[0], inside[-1] + 2 - WEEK - HORIZON, EVERY[horizon])
    return np.array([begin for begin in begins if not np.isnan(values[begin, TARGET])])


def actual(values, begins, horizon=HORIZON):
    """What came: [forecasts, horizon], NaN if missing."""
    return values[begins[:, None] + WEEK + np.arange(horizon), TARGET]


def mean_absolute_errors(forecasts, actual):
    """Of forecasts [forecasts, 24], in µg/m³."""
    error = np.abs(forecasts - actual)
    return {"all": round(float(np.nanmean(error)), 3), **{f"+{hour}h": round(float(np.nanmean(error[:, hour - 1])), 3) for hour in (1, 6, 24)}}


def shares_below(quantiles, actual):
    """How many of the values lie below each quantile [..., levels]: its probability, if the quantiles are right."""
    known = ~np.isnan(actual)
    return {f"{level}": round(float((actual[known] <= quantiles[known][:, place]).mean()), 4) for place, level in enumerate(LEVELS)}
