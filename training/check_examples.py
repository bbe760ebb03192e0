"""Checks every model folder and fixture against a forward pass in plain numpy, which knows nothing of PyTorch.

    python3 training/check_examples.py

Numpy computes in float64, so a difference shows rounding in float32, or a mistake.
"""

import json
import re
import sys

import numpy as np

from model_folder import ROOT, read_safetensors
from scaling import scale, unscale

# An encoder's source and the features of words are read by the engine's tests alone.
BEYOND = {"encoder", "word-features"}
FOLDERS = sorted([*ROOT.glob("models/*/*/"), *ROOT.glob("tests/Engine.Tests/Fixtures/*/")])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
}


class Model:
    def __init__(self, folder):
        self.manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        weights = read_safetensors(folder / self.manifest["weights"])
        self.weights = {name: array.astype(np.float64) for name, array in weights.items()}
        self.state = {}

    def inputs_of(self, example):
        source = self.manifest["input"]
        if source["kind"] == "features":
            return scale(source["features"], example["values"])
        text = example["text"].lower() if source.get("lowercase") else example["text"]
        pieces = text if source["kind"] == "characters" else re.findall(r"\w+(?:'\w+)*|[^\w\s]", text)
        return [source["vocabulary"].index(p if p in source["vocabulary"] else source["unknown"]) for p in pieces]

    def run(self, inputs):
        """The output of every timestep from a zero state."""
        self.state = {}
        outputs = np.array([self.step(x) for x in inputs])
        output = self.manifest["output"]
        each = len(output.get("levels", "1"))  # a quantile head tells all levels of the first value, then of the second
        return unscale([value for value in output["values"] for _ in range(each)], outputs) if "values" in output else outputs

    def step(self, x):
        layers = self.manifest["layers"]
        if "vocabulary" in self.manifest["input"] and layers[0]["kind"] != "embedding":
            x = np.eye(len(self.manifest["input"]["vocabulary"]))[x]
        return self.through(layers, x)

    def through(self, layers, x):
        for layer in layers:
            kind, name = layer["kind"], layer.get("name")
            if kind == "running-norm":
                x = self.running_norm(layer, x)
            elif kind == "embedding":
                x = self.weights[f"{name}.weight"][x]
            elif kind == "dense":
                x = self.weights[f"{name}.weight"] @ x + self.weights.get(f"{name}.bias", 0)
                x = ACTIVATIONS[layer.get("activation", "none")](x)
            elif kind != "dropout":
                for index in range(layer.get("layers", 1)):
                    x = self.recur(layer, index, x)
        return x

    def running_norm(self, layer, x):
        n, mean, variance = self.state.get(layer["name"], (0, 0.0, 0.0))
        n = min(n + 1, layer["window"])
        difference = x - mean
        mean = mean + difference / n
        variance = (1 - 1 / n) * (variance + difference * difference / n)
        self.state[layer["name"]] = n, mean, variance
        deviation = 1e-9 + (np.sqrt(variance) + 1e-6 * np.abs(mean) if n > 1 else np.abs(mean) / 10)
        outputs = self.through(layer["layers"], np.arcsinh((x - mean) / deviation))
        each = len(outputs) // len(x)
        return mean.repeat(each) + deviation.repeat(each) * np.sinh(outputs)

    def recur(self, layer, index, x):
        name, size = layer["name"], layer["hiddenSize"]
        state = self.state.setdefault(f"{name}.{index}", {"hidden": np.zeros(size), "cell": np.zeros(size)})
        w_ih, w_hh = self.weights[f"{name}.weight_ih_l{index}"], self.weights[f"{name}.weight_hh_l{index}"]
        no_bias = np.zeros(len(w_ih))
        b_ih = self.weights.get(f"{name}.bias_ih_l{index}", no_bias)
        b_hh = self.weights.get(f"{name}.bias_hh_l{index}", no_bias)
        h = state["hidden"]
        xs = np.split(w_ih @ x + b_ih, len(w_ih) // size)
        hs = np.split(w_hh @ h + b_hh, len(w_hh) // size)

        if layer["kind"] == "elman":
            h = ACTIVATIONS[layer.get("activation", "tanh")](xs[0] + hs[0])
        elif layer["kind"] == "lstm":
            i, f, g, o = (a + b for a, b in zip(xs, hs))
            state["cell"] = sigmoid(f) * state["cell"] + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(state["cell"])
        else:
            r, z = sigmoid(xs[0] + hs[0]), sigmoid(xs[1] + hs[1])
            if layer.get("resetAfter", True):
                n = np.tanh(xs[2] + r * hs[2])
            else:
                n = np.tanh(xs[2] + w_hh[2 * size :] @ (r * h) + b_hh[2 * size :])
            h = (1 - z) * n + z * h
        state["hidden"] = h
        return h


def off(actual, expected):
    """The largest difference, absolute below 1 and relative above."""
    expected = np.asarray(expected, np.float64)
    return float(np.max(np.abs(actual - expected) / (1 + np.abs(expected))))


def differences(folder):
    model = Model(folder)
    for example in model.manifest["examples"]:
        yield off(model.run(model.inputs_of(example))[-1], example["output"])
    if (folder / "golden.json").exists():
        golden = json.loads((folder / "golden.json").read_text())
        outputs = model.run(golden.get("tokens") or scale(model.manifest["input"]["features"], golden["inputs"]))
        yield off(outputs[-len(golden["outputs"]) :], golden["outputs"])
        for layer, parts in golden["state"].items():
            for part, expected in parts.items():
                yield off(model.state[layer][part], expected)


def is_plain(folder):
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return BEYOND.isdisjoint([*manifest, manifest["input"]["kind"]])


def main():
    folders = [folder for folder in FOLDERS if (folder / "model.json").exists() and is_plain(folder)]
    worst = {folder: np.max(list(differences(folder))) for folder in folders}
    for folder, difference in worst.items():
        print(f"{difference:.1e}  {folder.relative_to(ROOT)}")
    sys.exit(not all(difference <= 1e-5 for difference in worst.values()))  # a NaN is not close either


if __name__ == "__main__":
    main()
