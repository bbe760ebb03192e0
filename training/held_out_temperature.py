"""The figures of models/temperature through a server: a year of forecasts, each from the week before it."""

import numpy as np

from weather import HORIZON, WEEK, errors, read_series, span


def figures(server):
    hours, values = read_series()
    begin, end = span(hours, 2014, 2014)
    issued = range(begin, end)
    bodies = [{"values": values[hour - WEEK + 1 : hour + 1].tolist()} for hour in issued]
    forecasts = np.array([reply["output"]["values"] for reply in server.post_all("models/temperature/sequence", bodies)])
    actual = values[:, 0][np.arange(begin, end)[:, None] + np.arange(1, HORIZON + 1)]
    return {f"meanAbsoluteError/from one week/{name}": float(figure) for name, figure in errors(forecasts, actual).items()}
