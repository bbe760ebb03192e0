"""Writes the series that the playground shows: src/Api/wwwroot/data/*.csv. Neither was seen in training."""

import csv
import io
import tarfile

import numpy as np

from beijing import AIR, WEATHER, read_hours
from model_folder import ROOT

DATA = ROOT / "src/Api/wwwroot/data"
LATENCY = "nab/realKnownCause/ec2_request_latency_system_failure.csv"


def write(name, rows):
    with open(DATA / name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def air():
    """Two weeks of Beijing's air in February 2014, with the smog of that month; a gap is an empty cell."""
    hours, values = read_hours([AIR, *WEATHER])
    rows = [["timestamp", "pm25", "temperature", "dewPoint", "pressure", "cumulatedWindSpeed"]]
    for hour, row in zip(hours, values):
        if (2014, 2, 14) <= (hour.year, hour.month, hour.day) < (2014, 2, 28):
            pm25, temperature, dew_point, pressure, wind = ("" if np.isnan(value) else f"{value:g}" for value in row[:5])
            rows.append([hour.isoformat() + "+08:00", pm25, temperature, dew_point, pressure, wind])
    write("air.csv", rows)


def latency():
    """Two days of a web service's latency, every five minutes, until it fails in the second night."""
    with tarfile.open(ROOT / "training/data/nab.tar.xz") as files:
        table = list(csv.DictReader(io.StringIO(files.extractfile(LATENCY).read().decode())))
    rows = [[row["timestamp"].replace(" ", "T"), f"{float(row['value']):g}"] for row in table]
    write("latency.csv", [["timestamp", "value"], *(row for row in rows if "2014-03-17T05" <= row[0] < "2014-03-19T02")])


if __name__ == "__main__":
    DATA.mkdir(parents=True, exist_ok=True)
    air()
    latency()
