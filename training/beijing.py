"""Beijing's hourly air and weather."""

import csv
import datetime
import gzip

import numpy as np

from model_folder import ROOT

AIR = "pm2.5"
WEATHER = ("TEMP", "DEWP", "PRES", "Iws")


def read_hours(columns):
    """Returns the hours, and for each the values of the columns (NaN if missing), the hour of the day and the day of the year."""
    hours, rows = [], []
    with gzip.open(ROOT / "training/data/beijing_pm25.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            hour = datetime.datetime(*(int(row[part]) for part in ("year", "month", "day", "hour")))
            measured = [float(row[column].replace("NA", "nan")) for column in columns]
            hours.append(hour)
            rows.append([*measured, hour.hour, hour.timetuple().tm_yday])
    return hours, np.array(rows)


def filled(values):
    """A value that is missing as the one before; values [T, ...], of which the first are known."""
    values = values.copy()
    for row in range(1, len(values)):
        values[row] = np.where(np.isnan(values[row]), values[row - 1], values[row])
    return values
