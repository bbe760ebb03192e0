"""Trains models/temperature: an LSTM that forecasts the air temperature of the next 24 hours from hourly observations.

    python3 training/train_temperature.py       about 2 minutes on one core
"""

import copy
import datetime
import json

import numpy as np
import torch

from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from network import Network
from scaling import scale, unscale
from weather import HORIZON, WEEK, errors, read_series, span

LAYERS = [
    {"kind": "lstm", "name": "lstm", "hiddenSize": 64},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "dense", "name": "head", "size": HORIZON},
]
WARM_UP = 24  # the first day of a window only fills the state; its forecasts don't count
BATCH, STEPS, PEAK_RATE, WEIGHT_DECAY = 32, 2000, 4e-3, 0.02
REGRESSION_HOURS, REGRESSION_PENALTY = 48, 10
FOLDER = ROOT / "models/temperature/1"
EXAMPLE_HOURS = ["2014-01-15T06", "2014-04-20T12", "2014-07-30T18"]  # the last of six hours of the test year


def features(training):
    """Scaled by the training years alone."""
    logs = standard(np.log(1 + training[:, 3]))
    return [
        {"name": "temperature", "unit": "°C", "scaling": standard(training[:, 0])},
        {"name": "dewPoint", "unit": "°C", "scaling": standard(training[:, 1])},
        {"name": "pressure", "unit": "hPa", "scaling": standard(training[:, 2])},
        {"name": "cumulatedWindSpeed", "unit": "m/s", "scaling": {**logs, "kind": "log"}},
        {"name": "hour", "unit": "h", "scaling": {"kind": "cyclic", "period": 24}},
        {"name": "dayOfYear", "unit": "d", "scaling": {"kind": "cyclic", "period": 365.25}},
    ]


def standard(values):
    return {"kind": "standard", "mean": round(float(values.mean()), 4), "deviation": round(float(values.std()), 4)}


def train(network, inputs, targets, training, validation):
    """Random weeks from a zero state; keeps the weights that forecast the validation year best."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    best, best_error = None, float("inf")
    for step in range(1, STEPS + 1):
        week = torch.randint(training[0], training[1] - WEEK + 1, (BATCH,)) + torch.arange(WEEK)[:, None]
        outputs, _ = network.train()(inputs[week])
        # The absolute error, as that is what the forecasts are measured by.
        loss = (outputs[WARM_UP:] - targets[week[WARM_UP:]]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()

        if step % 100 == 0:
            begin, end = validation
            error = (in_session(network, inputs, begin, end) - targets[begin:end]).abs().mean().item()
            print(f"step {step} of {STEPS}, training {loss:.4f}, validation {error:.4f} (scaled)", flush=True)
            if error < best_error:
                best, best_error = copy.deepcopy(network.state_dict()), error
    network.load_state_dict(best)


@torch.no_grad()
def in_session(network, inputs, begin, end):
    """The forecasts of the hours [begin, end), one state carried from hour to hour; a week before them warms it up."""
    outputs, _ = network.eval()(inputs[begin - WEEK : end, None])
    return outputs[WEEK:, 0]


@torch.no_grad()
def from_one_week(network, inputs, begin, end):
    """The same forecasts, each from a zero state and the last week alone."""
    week = torch.arange(begin, end) + torch.arange(1 - WEEK, 1)[:, None]
    return network.eval()(inputs[week])[0][-1]


def linear_regression(inputs, targets, training, test):
    """The baseline that is hard to beat: ridge regression on the last two days of the same inputs."""

    def design(begin, end):
        rows = np.arange(begin, end)[:, None] - np.arange(REGRESSION_HOURS)
        return np.hstack([inputs[rows].reshape(len(rows), -1), np.ones((len(rows), 1))]).astype(np.float64)

    x = design(REGRESSION_HOURS, training[1])
    y = targets[REGRESSION_HOURS : training[1]]
    weights = np.linalg.solve(x.T @ x + REGRESSION_PENALTY * np.eye(x.shape[1]), x.T @ y)
    return design(*test) @ weights


def main():
    torch.manual_seed(2014)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    hours, values = read_series()
    training, validation, test = span(hours, 2010, 2012), span(hours, 2013, 2013), span(hours, 2014, 2014)
    quantities = features(values[: training[1]])
    forecast = [{**quantities[0], "name": f"temperature+{hour}h"} for hour in range(1, HORIZON + 1)]

    scaled = torch.from_numpy(scale(quantities, values))
    ahead = np.arange(len(values) - HORIZON)[:, None] + np.arange(1, HORIZON + 1)
    network = Network(LAYERS, scaled.shape[1])
    targets = scaled[ahead, 0]
    train(network, scaled, targets, training, validation)
    regression = linear_regression(scaled.numpy(), targets.numpy(), training, test)

    issued, temperature = np.arange(*test)[:, None], values[:, 0]
    actual = temperature[ahead[slice(*test)]]
    figures = {
        "forecasts": len(issued),
        "meanAbsoluteError": {
            "in a session": errors(unscale(forecast, in_session(network, scaled, *test)), actual),
            "from one week": errors(unscale(forecast, from_one_week(network, scaled, *test)), actual),
            "linear regression": errors(unscale(forecast, regression), actual),
            "seasonal naive": errors(temperature[ahead[slice(*test)] - 24], actual),
            "persistence": errors(temperature[issued], actual),
        },
    }

    examples = []
    for text in EXAMPLE_HOURS:
        end = hours.index(datetime.datetime.fromisoformat(text + ":00")) + 1
        with torch.no_grad():
            outputs, _ = network.eval()(scaled[end - 6 : end, None])
        output = rounded(unscale(forecast, outputs[-1, 0]))
        examples.append({"values": values[end - 6 : end].tolist(), "output": output})
    manifest = {
        "format": 1,
        "description": "Forecasts Beijing's air temperature of the next 24 hours from hourly observations.",
        "license": "CC-BY-4.0",
        "weights": "model.safetensors",
        "input": {"kind": "features", "features": quantities},
        "layers": LAYERS,
        "output": {"kind": "values", "values": forecast},
        "examples": examples,
    }
    write_model(FOLDER, manifest, state_dict_arrays(network))
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
