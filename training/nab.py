"""The Numenta Anomaly Benchmark: its streams, and its scoring rules (Lavin and Ahmad 2015), standard profile."""

import csv
import io
import json
import math
import tarfile

from model_folder import ROOT

PROBATION = 0.15
PROBATION_ROWS = 5000
TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0


def sigmoid(position):
    """1 at the beginning of a window (position -1), 0 at its end, -1 far behind it."""
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def worths(times, windows):
    """What a detection at each row is worth, and of which window it is: an index, or None outside of all."""
    places = {time: row for row, time in enumerate(times)}
    spans = [(places[begin], places[end]) for begin, end in windows]
    told, last = [], None
    for row in range(len(times)):
        inside = next((index for index, (begin, end) in enumerate(spans) if begin <= row <= end), None)
        if inside is not None:
            begin, end = spans[inside]
            told.append((sigmoid(-(end - row + 1) / (end - begin + 1)) / sigmoid(-1) * TRUE_POSITIVE, inside))
            last = spans[inside]
        elif last is None:
            told.append((-FALSE_POSITIVE, None))
        else:
            told.append((sigmoid((row - last[1]) / (last[1] - last[0])) * FALSE_POSITIVE, None))
    return told


def best(streams):
    """The score at the one threshold that is best for all streams, as the rules have it: (score, threshold).

    streams: of each its times, windows and anomaly scores. 100 is every window found at once and no false alarm, 0 is no alarm.
    """
    rows, found = [], {}
    for number, (times, windows, scores) in enumerate(streams):
        probation = min(math.floor(PROBATION * len(times)), PROBATION * PROBATION_ROWS)
        for row, (worth, window) in enumerate(worths(times, windows)):
            if row >= probation:
                if window is not None:
                    found[number, window] = -FALSE_NEGATIVE
                rows.append((scores[row], worth, None if window is None else (number, window)))
    rows.sort(key=lambda row: -row[0])
    total, false = sum(found.values()), 0.0
    best_total, threshold = total, math.inf
    for index, (score, worth, window) in enumerate(rows):
        if window is None:
            false += worth
        elif worth > found[window]:
            total += worth - found[window]
            found[window] = worth
        if (index + 1 == len(rows) or rows[index + 1][0] != score) and total + false > best_total:
            best_total, threshold = total + false, score
    return 100 * (best_total + len(found)) / (2 * len(found)), threshold


def read(folder=None):
    """Streams by name: their times, values and labelled windows. Without a folder of the whole benchmark, the ten of training/data."""
    if folder is not None:
        texts = {str(path.relative_to(folder / "data")): path.read_text() for path in sorted((folder / "data").glob("*/*.csv"))}
        windows = json.loads((folder / "labels/combined_windows.json").read_text())
    else:
        with tarfile.open(ROOT / "training/data/nab.tar.xz") as files:
            texts = {name.removeprefix("nab/"): files.extractfile(name).read().decode() for name in sorted(files.getnames()) if "." in name}
        windows = json.loads(texts.pop("combined_windows.json"))
    streams = {}
    for name, text in texts.items():
        rows = list(csv.DictReader(io.StringIO(text)))
        spans = [(begin[:19], end[:19]) for begin, end in windows[name]]
        streams[name] = [row["timestamp"] for row in rows], [float(row["value"]) for row in rows], spans
    return streams
