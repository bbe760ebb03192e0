"""Trains models/monitor: an LSTM that predicts the next value of any stream as a distribution, to be watched.

    python3 training/train_monitor.py              about 2 minutes on one core
    python3 training/train_monitor.py --nab DIR    measures on the whole benchmark too, in a folder that holds a copy of it
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import nab
from model_folder import ROOT, rounded, write_json, write_model
from monitor import LEVELS, anomalies, tails
from network import Network
from running_norm import moments
from streams import Streams

WINDOW = 2000
LAYERS = [{"kind": "lstm", "name": "lstm", "hiddenSize": 48}, {"kind": "dense", "name": "head", "size": len(LEVELS)}]
STEPS, BATCH, LENGTH, WARM_UP, PEAK_RATE, WEIGHT_DECAY = 1200, 32, 400, 20, 4e-3, 0.01
FOLDER = ROOT / "models/monitor/1"


def train(network):
    """Pinball loss of the next value, as it will stand out from the moments up to now."""
    streams = Streams(1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    levels = torch.tensor(LEVELS)
    for step in range(1, STEPS + 1):
        values = streams.batch(BATCH, LENGTH + 1)
        standing_out, means, deviations = moments(values, WINDOW)
        ahead = torch.from_numpy(np.arcsinh((values[1:] - means[:-1]) / deviations[:-1])).float()
        outputs, _ = network(torch.from_numpy(standing_out[:-1])[..., None])
        error = ahead[..., None] - outputs
        loss = torch.maximum(levels * error, (levels - 1) * error)[WARM_UP:].mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {STEPS}, loss {loss:.4f}", flush=True)


@torch.no_grad()
def predictions(network, values):
    """Of each value of a stream, the quantiles of the next one, [T, levels]."""
    standing_out, means, deviations = moments(np.array(values)[:, None], WINDOW)
    outputs = network(torch.from_numpy(standing_out)[..., None])[0][:, 0].numpy()
    return (means + deviations * np.sinh(np.clip(outputs, -40, 40))).astype(np.float64)


def scores(network, values):
    """The anomaly score of each value; of the first, 0."""
    return [0.0, *anomalies(tails(predictions(network, values)[:-1], np.array(values)[1:]))]


def benchmark(network, streams):
    score, threshold = nab.best([(times, windows, scores(network, values)) for times, values, windows in streams.values()])
    return {"streams": len(streams), "windows": sum(len(windows) for _, _, windows in streams.values()), "standard": round(score, 2), "threshold": round(threshold, 5)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nab", type=Path)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    network = Network(LAYERS, 1)
    train(network)
    ten = nab.read()
    figures = {"nab": benchmark(network, ten)}
    if arguments.nab:
        figures["whole nab"] = benchmark(network, nab.read(arguments.nab))

    examples = []
    for name in ("realKnownCause/machine_temperature_system_failure.csv", "realTraffic/speed_7578.csv"):
        values = ten[name][1][:12]
        examples.append({"values": [[value] for value in values], "output": rounded(predictions(network, values)[-1])})
    value = {"name": "value"}
    manifest = {
        "format": 1,
        "description": "Predicts the next value of any stream of numbers, and so tells when one is out of the ordinary.",
        "license": "MIT",
        "weights": "model.safetensors",
        "input": {"kind": "features", "features": [value]},
        "layers": [{"kind": "running-norm", "name": "norm", "window": WINDOW, "layers": LAYERS}],
        "output": {"kind": "quantiles", "levels": LEVELS, "values": [value]},
        "examples": examples,
    }
    write_model(FOLDER, manifest, {name: tensor.numpy() for name, tensor in network.state_dict().items()})
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
