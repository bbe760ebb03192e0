"""Writes tests/Engine.Tests/Fixtures: small networks with random weights, and what PyTorch computes with them.

    python3 training/export_golden.py
"""

import shutil
import zlib

import numpy as np
import torch
from torch import nn

from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from network import Network
from scaling import scale, unscale

FIXTURES = ROOT / "tests/Engine.Tests/Fixtures"
TIMESTEPS = 20
# Large enough that the gates are neither half open nor saturated, small enough that rounding errors die out.
GAIN = 1.2


def features(count):
    return {"kind": "features", "features": [{"name": f"x{i}"} for i in range(count)]}


def values(count):
    return {"kind": "values", "values": [{"name": f"y{i}"} for i in range(count)]}


def recurrent(kind, inputs, *sizes, **options):
    """A case of recurrent layers alone, one for each size; the output is the top hidden state."""
    layers = [{"kind": kind, "name": f"{kind}{i or ''}", "hiddenSize": size, **options} for i, size in enumerate(sizes)]
    return {"input": features(inputs), "layers": layers, "output": values(sizes[-1])}


SCALED = [
    {"name": "temperature", "unit": "°C", "scaling": {"kind": "standard", "mean": 12.5, "deviation": 11.25}},
    {"name": "humidity", "unit": "%", "scaling": {"kind": "range", "minimum": 5, "maximum": 100}},
    {"name": "rain", "unit": "mm", "scaling": {"kind": "log", "mean": 0.75, "deviation": 0.5}},
]
HOUR = {"name": "hour", "unit": "h", "scaling": {"kind": "cyclic", "period": 24}}

CASES = {
    "elman-tanh": recurrent("elman", 5, 7),
    "elman-relu": recurrent("elman", 3, 33, activation="relu"),
    "lstm": recurrent("lstm", 5, 33),
    "lstm-no-bias": recurrent("lstm", 7, 5, bias=False),
    "lstm-3-layers": recurrent("lstm", 3, 7, layers=3),
    "lstm-stacked-sizes": recurrent("lstm", 5, 9, 4),
    "lstm-1000-steps": recurrent("lstm", 3, 17),
    "lstm-f16": recurrent("lstm", 5, 7),
    "lstm-bf16": recurrent("lstm", 5, 7),
    "lstm-f64": recurrent("lstm", 5, 7),
    "gru": recurrent("gru", 5, 33),
    "gru-2-layers": recurrent("gru", 7, 3, layers=2),
    "gru-reset-before": recurrent("gru", 5, 7, resetAfter=False),
    "one-hot": {
        "input": {"kind": "characters", "vocabulary": list("\n abcde")},
        "layers": [
            {"kind": "elman", "name": "rnn", "hiddenSize": 5},
            {"kind": "dense", "name": "head", "size": 7},
        ],
        "output": {"kind": "next-token"},
    },
    "characters-embedding-lstm-dense": {
        "input": {
            "kind": "characters",
            "vocabulary": list("\n ?abcdefghé"),
            "lowercase": True,
            "unknown": "?",
            "start": "\n",
        },
        "layers": [
            {"kind": "embedding", "name": "embedding", "size": 5},
            {"kind": "lstm", "name": "lstm", "hiddenSize": 9, "layers": 2},
            {"kind": "dropout", "rate": 0.2},
            {"kind": "dense", "name": "head", "size": 12},
        ],
        "output": {"kind": "next-token"},
    },
    "words-gru-classes": {
        "input": {
            "kind": "words",
            "vocabulary": ["<unk>", ".", "!", "a", "bad", "don't", "film", "good", "not", "this", "was"],
            "lowercase": True,
            "unknown": "<unk>",
        },
        "layers": [
            {"kind": "embedding", "name": "embedding", "size": 6},
            {"kind": "gru", "name": "gru", "hiddenSize": 7},
            {"kind": "dense", "name": "hidden", "size": 5, "activation": "relu"},
            {"kind": "dense", "name": "head", "size": 3},
        ],
        "output": {"kind": "classes", "labels": ["negative", "neutral", "positive"]},
    },
    "features-scaling": {
        "input": {"kind": "features", "features": [*SCALED, HOUR, {"name": "trend"}]},
        "layers": [
            {"kind": "gru", "name": "gru", "hiddenSize": 7},
            {"kind": "dense", "name": "head", "size": 4},
        ],
        "output": {"kind": "values", "values": [*SCALED, {"name": "trend"}]},
    },
}

# Inputs in the user's units, uniform between these bounds; 3 decimals keep the files small.
BOUNDS = {"temperature": (-20, 40), "humidity": (5, 100), "rain": (0, 50), "hour": (0, 23)}
TEXTS = {
    "one-hot": "bad cab",
    "characters-embedding-lstm-dense": "A bad Café, hm",
    "words-gru-classes": "This film wasn't good!",
}
DTYPES = {"lstm-f16": torch.float16, "lstm-bf16": torch.bfloat16, "lstm-f64": torch.float64}


def export(name, case):
    torch.manual_seed(zlib.crc32(name.encode()))  # a seed of its own: a new case leaves the others as they are
    width = len(case["input"].get("vocabulary", ())) or scale(case["input"]["features"], inputs_of(case, 1)).shape[-1]
    network = Network(case["layers"], width)
    tensors = randomise(network, DTYPES.get(name, torch.float32))

    if "vocabulary" in case["input"]:
        inputs = torch.randint(width, (TIMESTEPS,)).tolist()
        example = {"text": TEXTS[name]}
        example_inputs = tokens_of(case["input"], TEXTS[name])
        key = "tokens"
    else:
        inputs = inputs_of(case, 1000 if name == "lstm-1000-steps" else TIMESTEPS)
        example_inputs = inputs[:3]
        example = {"values": example_inputs}
        key = "inputs"

    example["output"] = rounded(run(case, network, example_inputs)[0][-1])
    outputs, states = run(case, network, inputs)
    manifest = {
        "format": 1,
        "description": f"Golden fixture: {name}, random weights.",
        "license": "MIT",
        "weights": "model.safetensors",
        **case,
        "examples": [example],
    }
    write_model(FIXTURES / name, manifest, tensors)
    golden = {
        key: inputs,
        "outputs": rounded(outputs[-1:] if len(inputs) > TIMESTEPS else outputs),
        "state": {layer: part for name, state in states.items() for layer, part in state_parts(name, state)},
    }
    write_json(FIXTURES / name / "golden.json", golden)


@torch.no_grad()
def randomise(network, dtype):
    """Gives the network random weights of dtype, rounded to float32; returns them as the weights file stores them."""
    tensors = {}
    for name, parameter in network.named_parameters():
        if parameter.dim() == 1:
            deviation = 0.5
        else:
            deviation = 1.0 if name.startswith("embedding") else GAIN / parameter.shape[1] ** 0.5
        stored = (torch.randn(parameter.shape, dtype=torch.float64) * deviation).to(dtype)
        parameter.copy_(stored)
        # Numpy has no bfloat16; write_safetensors takes its bits.
        tensors[name] = stored.view(torch.int16).numpy().view(np.uint16) if dtype == torch.bfloat16 else stored.numpy()
    return tensors


def inputs_of(case, timesteps):
    bounds = [BOUNDS.get(feature["name"], (-2, 2)) for feature in case["input"]["features"]]
    low, high = torch.tensor(bounds, dtype=torch.float64).t()
    uniform = torch.rand(timesteps, len(bounds), dtype=torch.float64)
    return [[round(x, 3) for x in row] for row in (low + (high - low) * uniform).tolist()]


def tokens_of(model_input, text):
    vocabulary = model_input["vocabulary"]
    text = text.lower()
    pieces = text if model_input["kind"] == "characters" else text.replace("!", " !").split()
    return [vocabulary.index(piece if piece in vocabulary else model_input["unknown"]) for piece in pieces]


@torch.no_grad()
def run(case, network, inputs):
    """Outputs as the server gives them, [T, O], and the states after the last timestep."""
    if "features" in case["input"]:
        inputs = scale(case["input"]["features"], inputs)
    outputs, states = network.eval()(torch.as_tensor(inputs)[:, None])
    outputs = outputs[:, 0].numpy()
    return unscale(case["output"]["values"], outputs) if "values" in case["output"] else outputs, states


def state_parts(name, state):
    """The state of each layer of an entry; torch has them stacked, and a cell state for LSTM alone."""
    hidden, cell = state if isinstance(state, tuple) else (state, None)
    for index in range(len(hidden)):
        part = {"hidden": rounded(hidden[index, 0].numpy())}
        if cell is not None:
            part["cell"] = rounded(cell[index, 0].numpy())
        yield f"{name}.{index}", part


def main():
    torch.set_num_threads(1)
    for name, case in CASES.items():
        shutil.rmtree(FIXTURES / name, ignore_errors=True)
        export(name, case)
    (FIXTURES / "README.md").write_text(README.format(torch=torch.__version__.split("a")[0]), encoding="utf-8")
    print(f"{len(CASES)} cases in {FIXTURES.relative_to(ROOT)}")


README = """# Golden fixtures

Small networks with random weights and what PyTorch {torch} computes with them, written by
`python3 training/export_golden.py` with fixed seeds. Don't edit them: change the script and run it again.

Each folder is a model folder (`model.json`, `model.safetensors`) with a `golden.json`:

| field | what it is |
|---|---|
| `inputs` or `tokens` | one row of features in the user's units, or one token, for each timestep |
| `outputs` | of each timestep from a zero state: logits, or values in the user's units; `lstm-1000-steps`: of the last |
| `state` | the state after the last timestep, of each layer |

`lstm-f16`, `lstm-bf16` and `lstm-f64` store their weights in that type; PyTorch ran on them rounded to float32.
`gru-reset-before` is written out in `training/network.py`, as PyTorch has no such GRU.
"""


if __name__ == "__main__":
    main()
