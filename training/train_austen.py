"""Trains models/austen: a character LSTM that continues English prose in the manner of Jane Austen.

    python3 training/train_austen.py            about 40 minutes on one core
    python3 training/train_austen.py --export   only writes the model folder, from the last checkpoint in training/out
"""

import argparse
import json
import math
import time

import torch
from torch import nn

import austen
from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from network import Network
from ngram import NGram

HIDDEN, DEPTH = 256, 2
STREAMS, WINDOW, STEPS = 64, 128, 5600
PEAK_RATE, WARM_UP = 4e-3, 200
FRESH_START = 1 / 32  # how often a stream begins again at the zero state, as a prompt does
NGRAM_CONTEXT = 5
CHECKPOINT = ROOT / "training/out/austen.pt"
FOLDER = ROOT / "models/austen/1"
EXAMPLES = ["It is a truth universally acknowledged", '\n"My dear Mr. Bennet," said', "Emma"]


def layers(vocabulary):
    return [
        {"kind": "embedding", "name": "embedding", "size": 32},
        {"kind": "lstm", "name": "lstm", "hiddenSize": HIDDEN, "layers": DEPTH},
        {"kind": "dense", "name": "head", "size": len(vocabulary)},
    ]


def train(network, tokens):
    """Truncated back-propagation through time over parallel streams whose state is carried from window to window."""
    length = len(tokens) // STREAMS
    streams = tokens[: length * STREAMS].view(STREAMS, length).t().contiguous()
    optimizer = torch.optim.Adam(network.parameters(), lr=PEAK_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, learning_rate)
    states, position, started, losses = None, 0, time.time(), []

    for step in range(1, STEPS + 1):
        if position + WINDOW + 1 > length:
            # A random offset, so that windows are not cut at the same places in every epoch.
            states, position = None, int(torch.randint(WINDOW, ()))
        keep = (torch.rand(1, STREAMS, 1) > FRESH_START).float()
        if states is not None:
            states = {"lstm": tuple(part.detach() * keep for part in states["lstm"])}
        inputs, targets = streams[position : position + WINDOW], streams[position + 1 : position + WINDOW + 1]
        position += WINDOW

        logits, states = network(inputs, states)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()

        losses.append(loss.item() / math.log(2))
        if step % 100 == 0:
            mean = sum(losses) / len(losses)
            print(f"step {step} of {STEPS}, {mean:.4f} bits, {time.time() - started:.0f} s", flush=True)
            losses.clear()
            save(network, step)


def learning_rate(step):
    """A short warm-up, then half a cosine."""
    warm = min(1.0, (step + 1) / WARM_UP)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / STEPS)))


def save(network, step):
    CHECKPOINT.parent.mkdir(exist_ok=True)
    torch.save({"step": step, "model": network.state_dict()}, CHECKPOINT.with_suffix(".part"))
    CHECKPOINT.with_suffix(".part").replace(CHECKPOINT)


@torch.no_grad()
def bits_per_character(network, texts, index):
    """Each text from a zero state; its first character is given a uniform distribution, as nothing comes before it."""
    bits = count = 0
    for text in texts:
        tokens = torch.tensor([index[character] for character in text])
        logits, _ = network(tokens[:-1, None])
        bits += nn.functional.cross_entropy(logits[:, 0], tokens[1:], reduction="sum").item() / math.log(2)
        bits += math.log2(len(index))
        count += len(text)
    return bits / count


@torch.no_grad()
def manifest(network, vocabulary, index):
    examples = []
    for text in EXAMPLES:
        logits, _ = network(torch.tensor([index[character] for character in text])[:, None])
        examples.append({"text": text, "output": rounded(logits[-1, 0])})
    return {
        "format": 1,
        "description": "Continues English prose in the manner of Jane Austen, character by character.",
        "license": "CC0-1.0",
        "weights": "model.safetensors",
        "input": {"kind": "characters", "vocabulary": vocabulary, "start": "\n"},
        "layers": layers(vocabulary),
        "output": {"kind": "next-token"},
        "examples": examples,
    }


def main():
    parser = argparse.ArgumentParser(description="Trains models/austen.")
    parser.add_argument("--export", action="store_true", help="only write the model folder, from the last checkpoint")
    arguments = parser.parse_args()

    torch.manual_seed(1811)  # the year of Sense and Sensibility
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    training, held_out = austen.split()
    vocabulary = sorted(set(training))
    index = {character: token for token, character in enumerate(vocabulary)}
    network = Network(layers(vocabulary), len(vocabulary))

    if arguments.export:
        checkpoint = torch.load(CHECKPOINT)
        print(f"from step {checkpoint['step']}")
        network.load_state_dict(checkpoint["model"])
    else:
        train(network, torch.tensor([index[character] for character in training]))

    write_model(FOLDER, manifest(network, vocabulary, index), state_dict_arrays(network))
    ngram = NGram([training], NGRAM_CONTEXT, len(vocabulary))
    held_out_count = sum(map(len, held_out))
    figures = {
        "trainingCharacters": len(training),
        "heldOutCharacters": held_out_count,
        "bitsPerCharacter": {
            "lstm": round(bits_per_character(network, held_out, index), 4),
            f"{NGRAM_CONTEXT + 1}-gram": round(sum(map(ngram.bits, held_out)) / held_out_count, 4),
        },
    }
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
