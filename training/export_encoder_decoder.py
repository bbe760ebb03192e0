"""Writes tests/Engine.Tests/Fixtures/encoder-decoder-*: small random networks, and what PyTorch computes with them.

    python3 training/export_encoder_decoder.py
"""

import zlib

import torch
from torch import nn

from export_golden import FIXTURES, randomise
from model_folder import rounded, write_json, write_model
from network import Network

SOURCE = list(" abcdefgh?")
TARGET = list("^$xyz-01")
MAX_LENGTH = 12


def embedding(name, size):
    return {"kind": "embedding", "name": name, "size": size}


def dense(name, size, **options):
    return {"kind": "dense", "name": name, "size": size, **options}


HEAD = dense("head", len(TARGET))

# name: (encoder's recurrent layer, bridge, decoder's recurrent layer, attention or None)
CASES = {
    "dot": (
        {"kind": "lstm", "name": "encoder", "hiddenSize": 7, "layers": 2},
        {"kind": "copy"},
        {"kind": "lstm", "name": "decoder", "hiddenSize": 7, "layers": 2},
        {"kind": "attention", "name": "attention", "score": "dot"},
    ),
    "general": (
        {"kind": "gru", "name": "encoder", "hiddenSize": 5, "direction": "bidirectional"},
        {"kind": "dense", "name": "bridge"},
        {"kind": "gru", "name": "decoder", "hiddenSize": 9},
        {"kind": "attention", "name": "attention", "score": "general"},
    ),
    "additive": (
        {"kind": "lstm", "name": "encoder", "hiddenSize": 4, "direction": "bidirectional"},
        {"kind": "dense", "name": "bridge", "activation": "none"},
        {"kind": "lstm", "name": "decoder", "hiddenSize": 6, "layers": 2},
        {"kind": "attention", "name": "attention", "score": "additive", "size": 5},
    ),
    "plain": (
        {"kind": "elman", "name": "encoder", "hiddenSize": 8},
        {"kind": "copy"},
        {"kind": "elman", "name": "decoder", "hiddenSize": 8},
        None,
    ),
}


class EncoderDecoder(nn.Module):
    def __init__(self, encoder, bridge, decoder, attention):
        super().__init__()
        self.encoding = Network([embedding("source", 6), {**encoder, "direction": "forward"}], len(SOURCE))
        self.decoding = Network([embedding("target", 6), decoder], len(TARGET))
        width = encoder["hiddenSize"]
        if encoder.get("direction") == "bidirectional":
            kind = nn.LSTM if encoder["kind"] == "lstm" else nn.GRU
            self.encoding.encoder = kind(6, width, encoder.get("layers", 1), bidirectional=True)
            width *= 2
        query = decoder["hiddenSize"]
        states = 2 if decoder["kind"] == "lstm" else 1
        if bridge["kind"] == "dense":
            self.bridge = nn.Linear(width * states, query * decoder.get("layers", 1) * states)
        if attention and attention["score"] == "general":
            self.attention = nn.Linear(width, query, bias=False)
        if attention and attention["score"] == "additive":
            size = attention["size"]
            self.attention = nn.ModuleDict(
                {
                    "query": nn.Linear(query, size, bias=False),
                    "memory": nn.Linear(width, size, bias=False),
                    "score": nn.Linear(size, 1, bias=False),
                }
            )
        self.head = nn.Linear(query + (width if attention else 0), len(TARGET))
        self.case = (encoder, bridge, decoder, attention)

    def encode(self, source):
        """The memory [S, M] and the decoder's first state, as torch's recurrent modules take it."""
        tokens = torch.tensor([SOURCE.index(c) for c in source])[:, None]
        outputs, states = self.encoding(tokens)
        encoder, bridge, decoder, _ = self.case
        final = states["encoder"]
        if bridge["kind"] == "copy":
            return outputs[:, 0], final
        # Every layer's and direction's h, then its c.
        parts = final if isinstance(final, tuple) else (final,)
        flat = torch.cat([part[k, 0] for k in range(parts[0].shape[0]) for part in parts])
        first = self.bridge(flat)
        first = first if bridge.get("activation") == "none" else torch.tanh(first)
        cells = first.reshape(decoder.get("layers", 1), len(parts), 1, -1)
        return outputs[:, 0], tuple(cells.transpose(0, 1).contiguous()) if len(parts) == 2 else cells[:, 0].contiguous()

    def decode(self, memory, state, text):
        """The logits after each token of text."""
        tokens = torch.tensor([TARGET.index(c) for c in text])[:, None]
        queries, _ = self.decoding(tokens, {"decoder": state})
        return self.head(torch.stack([self.attend(memory, q) for q in queries[:, 0]]))

    def attend(self, memory, q):
        attention = self.case[3]
        if attention is None:
            return q
        if attention["score"] == "dot":
            scores = memory @ q
        elif attention["score"] == "general":
            scores = self.attention(memory) @ q
        else:
            scores = self.attention["score"](
                torch.tanh(self.attention["query"](q) + self.attention["memory"](memory))
            )[:, 0]
        return torch.cat([torch.softmax(scores, 0) @ memory, q])


def layer_names(tensors):
    """Without the names of the two stacks, which model.json does not know."""
    return {name.replace("encoding.", "").replace("decoding.", ""): tensor for name, tensor in tensors.items()}


@torch.no_grad()
def export(name, case):
    torch.manual_seed(zlib.crc32(name.encode()))
    encoder, bridge, decoder, attention = case
    network = EncoderDecoder(*case)
    tensors = layer_names(randomise(network, torch.float32))
    examples = []
    for source, text in [("abcab", "^xy-0"), ("h", "^"), ("bad face? a", "^zz1")]:
        logits = network.decode(*network.encode(source), text)[-1]
        examples.append({"source": source, "text": text, "output": rounded(logits)})

    memory, state = network.encode("bead")
    greedy = "^"
    while len(greedy) <= 15 and greedy[-1] != "$":
        greedy += TARGET[int(network.decode(memory, state, greedy)[-1].argmax())]

    folder = FIXTURES / f"encoder-decoder-{name}"
    manifest = {
        "format": 1,
        "description": f"Golden fixture: encoder-decoder, {name}, random weights.",
        "license": "MIT",
        "weights": "model.safetensors",
        "encoder": {
            "input": {"kind": "characters", "vocabulary": SOURCE, "unknown": "?"},
            "layers": [embedding("source", 6), encoder],
            "maxLength": MAX_LENGTH,
            "bridge": bridge,
        },
        "input": {"kind": "characters", "vocabulary": TARGET, "start": "^", "end": "$"},
        "layers": [embedding("target", 6), decoder, *([attention] if attention else []), HEAD],
        "output": {"kind": "next-token"},
        "examples": examples,
    }
    write_model(folder, manifest, tensors)
    write_json(folder / "greedy.json", {"source": "bead", "text": greedy[1:].rstrip("$")})


def main():
    for name, case in CASES.items():
        export(name, case)


if __name__ == "__main__":
    main()
