"""Writes small PyTorch checkpoints and what PyTorch computes with them: tests/Engine.Tests/Files/pytorch.

usage: python3 training/export_torch_vectors.py
Every combination of RNN (tanh, relu), LSTM and GRU with one and two layers, one and two directions, with and without bias; LSTMs
with projections; cells; every dtype; strided and shared storages; the legacy form. Random weights, fixed seed.
"""
import itertools
import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "tests/Engine.Tests/Files/pytorch"
INPUTS, HIDDEN, PROJECTED, TIMESTEPS = 5, 7, 3, 9


def save(name, state, **options):
    torch.save(state, FOLDER / name, **options)


def vectors():
    cases = []
    kinds = {
        "rnn-tanh": (torch.nn.RNN, {"nonlinearity": "tanh"}),
        "rnn-relu": (torch.nn.RNN, {"nonlinearity": "relu"}),
        "lstm": (torch.nn.LSTM, {}),
        "gru": (torch.nn.GRU, {}),
        "lstm-projected": (torch.nn.LSTM, {"proj_size": PROJECTED}),
    }
    for (kind, (module, options)), layers, both, bias in itertools.product(kinds.items(), (1, 2), (False, True), (True, False)):
        network = module(INPUTS, HIDDEN, num_layers=layers, bidirectional=both, bias=bias, **options)
        inputs = torch.randn(TIMESTEPS, INPUTS)
        with torch.no_grad():
            outputs, state = network(inputs)
        hidden, cell = state if isinstance(state, tuple) else (state, None)
        name = f"{kind}-{layers}{'-both' if both else ''}{'' if bias else '-no-bias'}.pt"
        save(name, network.state_dict())
        cases.append({
            "file": name, "activation": options.get("nonlinearity"), "inputs": inputs.tolist(), "outputs": outputs.tolist(),
            "hidden": hidden.tolist(), "cell": None if cell is None else cell.tolist(),
        })
    return cases


class Tagger(torch.nn.Module):
    """What people write: an embedding, recurrent layers, a norm, a head."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(11, 4)
        self.lstm = torch.nn.LSTM(4, HIDDEN)
        self.norm = torch.nn.BatchNorm1d(HIDDEN)
        self.head = torch.nn.Linear(HIDDEN, 3)

    def forward(self, tokens):
        return self.head(self.norm(self.lstm(self.embedding(tokens))[0]))


def forms():
    torch.manual_seed(2)
    network = torch.nn.LSTM(INPUTS, HIDDEN)
    state = network.state_dict()
    inputs = torch.randn(TIMESTEPS, INPUTS)
    cases = {"inputs": inputs.tolist(), "outputs": {}}

    def add(name, saved, computed, **options):
        save(name, saved, **options)
        other = torch.nn.LSTM(INPUTS, HIDDEN)
        other.load_state_dict(computed)
        with torch.no_grad():
            cases["outputs"][name] = other(inputs)[0].tolist()

    add("form-zip.pt", state, state)
    add("form-legacy.pt", state, state, _use_new_zipfile_serialization=False)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        short = {key: value.to(dtype) for key, value in state.items()}
        add(f"form-{str(dtype)[6:]}.pt", short, {key: value.float() for key, value in short.items()})
    transposed = {key: value.t().contiguous().t() if value.dim() == 2 else value for key, value in state.items()}
    add("form-transposed.pt", transposed, state)
    flat = torch.cat([torch.zeros(3)] + [value.flatten() for value in state.values()])
    shared, offset = {}, 3
    for key, value in state.items():
        shared[key] = flat[offset:offset + value.numel()].view(value.shape)
        offset += value.numel()
    add("form-shared.pt", shared, state)
    add("form-shared-legacy.pt", shared, state, _use_new_zipfile_serialization=False)
    expanded = dict(state, bias_ih_l0=torch.tensor(0.5).expand(4 * HIDDEN))
    add("form-expanded.pt", expanded, {key: value.contiguous() for key, value in expanded.items()})
    add("form-nested.pt", {"epoch": 3, "lr": 1e-3, "name": "a run", "model_state_dict": state, "optimizer_state_dict": {
        "state": {0: {"exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 1e-3, "params": [0]}]}}, state)
    add("form-parallel.pt", {f"module.rnn.{key}": value for key, value in state.items()}, state)
    add("form-parameters.pt", dict(network.named_parameters()), state)
    add("form-protocol-4.pt", state, state, pickle_protocol=4)
    return cases


def cells():
    torch.manual_seed(3)
    cases = []
    for name, cell in (("lstm", torch.nn.LSTMCell(INPUTS, HIDDEN)), ("gru", torch.nn.GRUCell(INPUTS, HIDDEN, bias=False))):
        inputs, state, outputs = torch.randn(TIMESTEPS, INPUTS), None, []
        with torch.no_grad():
            for x in inputs:
                state = cell(x[None], state)
                outputs.append((state[0] if isinstance(state, tuple) else state)[0].tolist())
        save(f"cell-{name}.pt", {f"cell.{key}": value for key, value in cell.state_dict().items()})
        cases.append({"file": f"cell-{name}.pt", "inputs": inputs.tolist(), "outputs": outputs})
    return cases


def tagger():
    torch.manual_seed(4)
    network = Tagger()
    network.norm.running_mean.uniform_(-0.2, 0.2)
    network.norm.running_var.uniform_(0.5, 1.5)
    network.eval()
    tokens = torch.randint(11, (TIMESTEPS,))
    with torch.no_grad():
        outputs = network(tokens)
    save("tagger.pt", network.state_dict())
    return {"file": "tagger.pt", "tokens": tokens.tolist(), "outputs": outputs.tolist()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    recorded = {"version": torch.__version__, "vectors": vectors(), "forms": forms(), "cells": cells(), "tagger": tagger()}
    (FOLDER / "vectors.json").write_text(json.dumps(recorded) + "\n")
