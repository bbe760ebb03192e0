"""The figures of models/air through a server: forecasts of a year, drawn with the seed of the training script."""

import numpy as np

from air import HORIZON, LEVELS, SAMPLES, SEED, TARGET, WEEK, actual, issued, mean_absolute_errors, read_series, shares_below

WEATHER = slice(1, 5)
GIVEN = slice(0, 5)


def figures(server):
    hours, values = read_series()
    begins = issued(hours, values, 2014)

    def body(begin, **options):
        past = [[None if np.isnan(value) else value for value in row] for row in values[begin : begin + WEEK, GIVEN]]
        future = values[begin + WEEK : begin + WEEK + HORIZON - 1, WEATHER].tolist()
        return {"start": hours[begin].isoformat(), "interval": "PT1H", "values": past, "future": future, "quantiles": LEVELS, **options}

    def steps(replies):
        return [reply["forecasts"][0]["steps"] for reply in replies]

    hourly = issued(hours, values, 2014, "hour")
    paths = steps(server.post_all("models/air/forecast", [body(begin, horizon=HORIZON, samples=SAMPLES, seed=SEED) for begin in begins]))
    first = steps(server.post_all("models/air/forecast", [body(begin, horizon=1) for begin in hourly]))
    came = actual(values, begins)
    errors = mean_absolute_errors(np.array([[step["values"][0] for step in one] for one in paths]), came)
    shares = {"day": shares_below(quantiles(paths), came), "hour": shares_below(quantiles(first), actual(values, hourly, 1))}
    return {
        **{f"meanAbsoluteError/paths/{which}": error for which, error in errors.items()},
        **{f"shareBelow/{horizon}/{level}": share for horizon, parts in shares.items() for level, share in parts.items()},
    }


def quantiles(forecasts):
    return np.array([[[step["quantiles"][str(level)][0] for level in LEVELS] for step in one] for one in forecasts])
