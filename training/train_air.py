"""Trains models/air: an LSTM that tells the distribution of the next hour's PM2.5, to be unfolded into forecasts.

    python3 training/train_air.py       about 2 minutes on one core
"""

import copy
import json

import numpy as np
import torch

from air import HORIZON, LEVELS, SAMPLES, SEED, TARGET, WEEK, actual, issued, mean_absolute_errors, read_series, shares_below
from beijing import filled
from draws import Streams, seeds_of
from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from network import Network
from scaling import scale, unscale

PINBALLS = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98]
LAYERS = [
    {"kind": "lstm", "name": "lstm", "hiddenSize": 48},
    {"kind": "dense", "name": "head", "size": len(PINBALLS)},
]
WARM_UP = 24
BATCH, STEPS, PEAK_RATE, WEIGHT_DECAY = 32, 2500, 4e-3, 0.1
FOLDER = ROOT / "models/air/1"


def features(training):
    """Scaled by the training years alone."""
    known = training[~np.isnan(training[:, 0])]
    return [
        {"name": "pm25", "unit": "µg/m³", "scaling": {**standard(np.log(1 + known[:, 0])), "kind": "log"}},
        {"name": "temperature", "unit": "°C", "scaling": standard(training[:, 1])},
        {"name": "dewPoint", "unit": "°C", "scaling": standard(training[:, 2])},
        {"name": "pressure", "unit": "hPa", "scaling": standard(training[:, 3])},
        {"name": "cumulatedWindSpeed", "unit": "m/s", "scaling": {**standard(np.log(1 + training[:, 4])), "kind": "log"}},
        {"name": "hour", "unit": "h", "calendar": "hour", "scaling": {"kind": "cyclic", "period": 24}},
        {"name": "dayOfYear", "unit": "d", "calendar": "dayOfYear", "scaling": {"kind": "cyclic", "period": 365.25}},
    ]


def standard(values):
    return {"kind": "standard", "mean": round(float(values.mean()), 4), "deviation": round(float(values.std()), 4)}


def pinball(outputs, targets, known):
    levels = torch.tensor(PINBALLS)
    error = targets[..., None] - outputs
    return (torch.maximum(levels * error, (levels - 1) * error).mean(-1) * known).sum() / known.sum()


def outputs_of(network, inputs, first, last):
    """The outputs that tell the rows from first to last, read in one go from a zero state."""
    with torch.no_grad():
        return network.eval()(inputs[first - 1 : last - 1, None])[0][:, 0]


def levels_of(network, inputs, known, first, last):
    """The probabilities that the outputs really have: how many of the values lie below each."""
    told, came = outputs_of(network, inputs, first, last).sort(-1).values, inputs[first:last, TARGET, None]
    is_known = known[first:last] > 0
    return [round(float(share), 3) for share in (came <= told)[is_known].float().mean(0)]


def train(network, inputs, known, spans):
    """Random weeks from a zero state; keeps the weights that tell the validation year best."""
    (first, last), validation = spans
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    best, best_loss = None, float("inf")
    for step in range(1, STEPS + 1):
        week = torch.randint(first, last - WEEK, (BATCH,)) + torch.arange(WEEK)[:, None]
        outputs, _ = network.train()(inputs[week])
        ahead = week[WARM_UP:] + 1
        loss = pinball(outputs[WARM_UP:], inputs[ahead, TARGET], known[ahead])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            rows = torch.arange(*validation)
            error = pinball(outputs_of(network, inputs, *validation), inputs[rows, TARGET], known[rows]).item()
            print(f"step {step} of {STEPS}, training {loss:.4f}, validation {error:.4f} (scaled)", flush=True)
            if error < best_loss:
                best, best_loss = copy.deepcopy(network.state_dict()), error
    network.load_state_dict(best)


class Unfolded:
    """The network step by step, with its own predictions in the gaps, as the server does it."""

    def __init__(self, network, quantities, levels):
        self._network, self._quantities, self._levels = network.eval(), quantities, np.array(levels)
        self._target = quantities[:1]
        self._states = None
        self.quantiles = None

    @torch.no_grad()
    def step(self, rows):
        rows = rows.copy()
        missing = np.isnan(rows[:, TARGET])
        if missing.any():
            rows[missing, TARGET] = self.at(np.full(len(rows), 0.5))[missing]
        outputs, self._states = self._network(torch.from_numpy(scale(self._quantities, rows))[None], self._states)
        self.quantiles = np.sort(outputs[0].numpy().astype(np.float64), axis=-1)

    def at(self, probabilities):
        """The values that the distributions reach with so much probability, one of each row, in the user's unit."""
        levels, q = self._levels, self.quantiles
        lower = levels[0] * (q[:, 1] - q[:, 0]) / (levels[1] - levels[0])
        upper = (1 - levels[-1]) * (q[:, -1] - q[:, -2]) / (levels[-1] - levels[-2])
        place = np.clip(np.searchsorted(levels, probabilities), 1, len(levels) - 1)
        rows = np.arange(len(q))
        share = (probabilities - levels[place - 1]) / (levels[place] - levels[place - 1])
        inner = q[rows, place - 1] + share * (q[rows, place] - q[rows, place - 1])
        below = q[:, 0] + lower * np.log(probabilities / levels[0])
        above = q[:, -1] - upper * np.log((1 - probabilities) / (1 - levels[-1]))
        scaled = np.where(probabilities < levels[0], below, np.where(probabilities > levels[-1], above, inner))
        return unscale(self._target, scaled[:, None])[:, 0].astype(np.float32).astype(np.float64)

    def repeated(self, times):
        copy_ = Unfolded(self._network, self._quantities, self._levels)
        copy_._states = {name: tuple(part.repeat_interleave(times, 1) for part in state) for name, state in self._states.items()}
        copy_.quantiles = self.quantiles.repeat(times, 0)
        return copy_


def after_a_week(network, quantities, levels, values, begins):
    series = Unfolded(network, quantities, levels)
    for hour in range(WEEK):
        series.step(values[begins + hour])
    return series


def next_hour(series):
    """Quantiles of the next hour as the model itself tells them, [N, levels]."""
    return np.stack([series.at(np.full(len(series.quantiles), level)) for level in LEVELS], -1)


def forecasts(series, values, begins):
    """Quantiles [N, 24, levels] and medians [N, 24] of the paths that are drawn from there."""
    paths = series.repeated(SAMPLES)
    streams = Streams(np.tile(seeds_of(SEED, range(1, SAMPLES + 1)), len(begins)))
    drawn = []
    for step in range(HORIZON):
        drawn.append(paths.at(streams.probabilities()))
        if step + 1 < HORIZON:
            rows = values[begins + WEEK + step].repeat(SAMPLES, 0)
            rows[:, TARGET] = drawn[-1]
            paths.step(rows)
    drawn = np.stack(drawn, -1).reshape(len(begins), SAMPLES, HORIZON)
    return np.quantile(drawn, LEVELS, axis=1).transpose(1, 2, 0), np.quantile(drawn, 0.5, axis=1)


def main():
    torch.manual_seed(2014)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    hours, values = read_series()
    years = np.array([hour.year for hour in hours])
    # The first day has no PM2.5.
    training, validation = (24, int((years < 2013).sum())), (int((years < 2013).sum()), int((years < 2014).sum()))
    quantities = features(values[: training[1]])
    complete = filled(values[24:])  # in training alone, where the model can't be asked for what is missing
    inputs = torch.from_numpy(scale(quantities, np.vstack([np.tile(complete[0], (24, 1)), complete])))
    known = torch.from_numpy(~np.isnan(values[:, TARGET])).float()
    network = Network(LAYERS, inputs.shape[1])
    train(network, inputs, known, (training, validation))
    levels = levels_of(network, inputs, known, *validation)

    begins = issued(hours, values, 2014)
    hourly = issued(hours, values, 2014, "hour")
    came = actual(values, begins)
    quantiles, medians = forecasts(after_a_week(network, quantities, levels, values, begins), values, begins)
    first = next_hour(after_a_week(network, quantities, levels, values, hourly))
    last = complete[begins + WEEK - 1 - 24, TARGET]
    yesterday = complete[begins[:, None] + WEEK + np.arange(HORIZON) - 24 - 24, TARGET]
    figures = {
        "forecasts": {"day": len(begins), "hour": len(hourly)},
        "meanAbsoluteError": {
            "paths": mean_absolute_errors(medians, came),
            "persistence": mean_absolute_errors(np.repeat(last[:, None], HORIZON, 1), came),
            "the same hour of the day before": mean_absolute_errors(yesterday, came),
        },
        "shareBelow": {"day": shares_below(quantiles, came), "hour": shares_below(first[:, None], actual(values, hourly, 1))},
    }

    examples = []
    for begin in begins[[3, 100, 200]]:
        rows = complete[begin - 24 : begin - 18]
        with torch.no_grad():
            output = network.eval()(torch.from_numpy(scale(quantities, rows))[:, None])[0][-1, 0].numpy()
        told = unscale([quantities[0]] * len(levels), output)
        examples.append({"values": rows.tolist(), "output": rounded(told)})
    manifest = {
        "format": 1,
        "description": "Forecasts Beijing's fine dust, hour by hour, as a distribution.",
        "license": "CC-BY-4.0",
        "weights": "model.safetensors",
        "input": {"kind": "features", "features": quantities},
        "layers": LAYERS,
        "output": {"kind": "quantiles", "levels": levels, "values": quantities[:1]},
        "examples": examples,
    }
    write_model(FOLDER, manifest, state_dict_arrays(network))
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
