"""The scalings of model.json between the user's units and the network's numbers, in double precision."""

import numpy as np


def scale(features, values):
    """values [..., F] in the user's units -> network inputs [..., I], float32; a cyclic feature becomes two."""
    columns = []
    for feature, x in zip(features, np.moveaxis(np.asarray(values, np.float64), -1, 0)):
        scaling = feature.get("scaling", {"kind": "none"})
        kind = scaling["kind"]
        if kind == "standard":
            x = (x - scaling["mean"]) / scaling["deviation"]
        elif kind == "range":
            x = (x - scaling["minimum"]) / (scaling["maximum"] - scaling["minimum"])
        elif kind == "log":
            x = (np.log(1 + x) - scaling["mean"]) / scaling["deviation"]
        elif kind == "cyclic":
            angle = 2 * np.pi * x / scaling["period"]
            columns.append(np.sin(angle))
            x = np.cos(angle)
        columns.append(x)
    return np.stack(columns, axis=-1).astype(np.float32)


def unscale(quantities, outputs):
    """Network outputs [..., O] -> values in the user's units, float64."""
    columns = []
    for quantity, y in zip(quantities, np.moveaxis(np.asarray(outputs, np.float64), -1, 0)):
        scaling = quantity.get("scaling", {"kind": "none"})
        kind = scaling["kind"]
        if kind == "standard":
            y = y * scaling["deviation"] + scaling["mean"]
        elif kind == "range":
            y = y * (scaling["maximum"] - scaling["minimum"]) + scaling["minimum"]
        elif kind == "log":
            y = np.exp(y * scaling["deviation"] + scaling["mean"]) - 1
        columns.append(y)
    return np.stack(columns, axis=-1)
