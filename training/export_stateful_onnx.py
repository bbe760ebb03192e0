"""Writes small ONNX graphs that take their state and give it back, and what PyTorch computes: tests/OnnxRuntime.Tests/Files.

usage: python3 training/export_stateful_onnx.py
"""
import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "tests/OnnxRuntime.Tests/Files"
INPUTS, HIDDEN, TOKENS, TIMESTEPS = 3, 4, 7, 6


class Cell(torch.nn.Module):
    """An LSTM cell with h and c by themselves, and a residual that layers of ours don't have."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = torch.nn.LSTMCell(INPUTS, HIDDEN), torch.nn.Linear(HIDDEN + INPUTS, 2)

    def forward(self, x, h, c):
        h, c = self.cell(x, (h, c))
        return self.head(torch.cat([h, x], 1)), h, c


class Language(torch.nn.Module):
    """Tokens in, logits of the next one out; batch and time are fixed to 1."""

    def __init__(self):
        super().__init__()
        self.embedding, self.gru = torch.nn.Embedding(TOKENS, INPUTS), torch.nn.GRU(INPUTS, HIDDEN, batch_first=True)
        self.head = torch.nn.Linear(HIDDEN, TOKENS)

    def forward(self, token, past_state):
        y, state = self.gru(self.embedding(token), past_state)
        return self.head(y), state


def export(name, network, example, inputs, outputs, axes):
    network.eval()
    torch.onnx.export(network, example, FOLDER / name, input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=14)


if __name__ == "__main__":
    torch.manual_seed(5)
    cell, language = Cell(), Language()
    zeros = torch.zeros(1, HIDDEN)
    batch = {name: {0: "batch"} for name in ("x", "h_in", "c_in", "y", "h_out", "c_out")}
    export("cell.onnx", cell, (torch.zeros(1, INPUTS), zeros, zeros), ["x", "h_in", "c_in"], ["y", "h_out", "c_out"], batch)
    export("language.onnx", language, (torch.zeros(1, 1, dtype=torch.long), zeros[None]), ["token", "past_state"], ["logits", "present_state"], {})
    x, tokens = torch.randn(TIMESTEPS, INPUTS), torch.randint(TOKENS, (TIMESTEPS,))
    with torch.no_grad():
        h, c, ys = zeros, zeros, []
        for t in range(TIMESTEPS):
            y, h, c = cell(x[t:t + 1], h, c)
            ys.append(y[0].tolist())
        state, logits = zeros[None], []
        for t in range(TIMESTEPS):
            y, state = language(tokens[t:t + 1][None], state)
            logits.append(y[0, 0].tolist())
    expected = {"x": x.tolist(), "y": ys, "tokens": tokens.tolist(), "logits": logits}
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")
