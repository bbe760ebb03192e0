"""Writes gradients.json beside golden.json in some fixtures: the gradient of one of the last outputs with respect to each input, by PyTorch's autograd.

    python3 training/export_gradients.py
"""

import json

import torch
from torch import nn

from export_gates import FIXTURES
from model_folder import read_safetensors, rounded
from network import Network
from scaling import scale

CASES = ["lstm", "lstm-3-layers", "lstm-no-bias", "gru", "gru-2-layers", "elman-tanh", "elman-relu", "characters-embedding-lstm-dense", "features-scaling", "words-gru-classes"]


def gradients(folder):
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    weights = {name: torch.from_numpy(array.copy()) for name, array in read_safetensors(folder / manifest["weights"]).items()}
    if "tokens" in golden:
        xs, width = torch.tensor(golden["tokens"])[:, None], len(next(iter(weights.values())))
    else:
        xs = torch.from_numpy(scale(manifest["input"]["features"], golden["inputs"]))[:, None, :]
        width = xs.shape[-1]
    network = Network(manifest["layers"], width)
    network.load_state_dict(weights)
    network.eval()
    modules = list(network.children())
    if isinstance(modules[0], nn.Embedding):
        xs = modules.pop(0)(xs)
    xs = xs.detach().requires_grad_()
    ys = xs
    for module in modules:
        ys = module(ys)[0] if isinstance(module, nn.RNNBase) else module(ys)
    last = ys[-1, 0]
    output = int(last.argmax()) if manifest["output"]["kind"] in ("classes", "next-token") else 0
    last[output].backward()
    return {"output": output, "gradients": [rounded(row.numpy()) for row in xs.grad[:, 0]]}


def main():
    for case in CASES:
        (FIXTURES / case / "gradients.json").write_text(json.dumps(gradients(FIXTURES / case)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
