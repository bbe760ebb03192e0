"""Trains models/dates: an encoder-decoder with attention that turns written dates into ISO 8601.

    python3 training/train_dates.py             about 4 minutes on one core
"""

import json
import random
from datetime import datetime

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from dates import held_out, pair, split_dates, split_forms
from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model

SOURCE = [" ", "'", ",", "-", ".", "/", ":", *"0123456789", *"abcdefghijklmnopqrstuvwxyz", "?"]
TARGET = [*"0123456789", "-", "^", "$"]
UNKNOWN, START, END = "?", "^", "$"
MAX_LENGTH = 48
EMBEDDING, ENCODER, DECODER, HIDDEN = 32, 64, 128, 128
STEPS, BATCH, PEAK_RATE, WEIGHT_DECAY = 4_000, 128, 4e-3, 0.01
AVERAGING = 0.998  # the weights that are kept are an exponential moving average over the steps
MASKED = 0.003  # the share of characters that training replaces by UNKNOWN, which also gives that token a meaning
BEAMS = 4
FOLDER = ROOT / "models/dates/1"
EXAMPLES = [("Fri, the 5th of March 2021", "^2021-"), ("14/7/1989", "^1"), ("sept. 3 '58", "^1958-0"), ("20240229", "^")]
COMMON = ["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%m/%d/%y"]


def source_tokens(text):
    return torch.tensor([SOURCE.index(c if c in SOURCE else UNKNOWN) for c in text.lower()])


def target_tokens(text):
    return torch.tensor([TARGET.index(c) for c in text])


class EncoderDecoder(nn.Module):
    """The stacks of the model.json below; the names are those of its tensors."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict(
            {"embedding": nn.Embedding(len(SOURCE), EMBEDDING), "gru": nn.GRU(EMBEDDING, ENCODER, bidirectional=True)}
        )
        self.bridge = nn.Linear(2 * ENCODER, DECODER)
        self.decoder = nn.ModuleDict({"embedding": nn.Embedding(len(TARGET), EMBEDDING), "gru": nn.GRU(EMBEDDING, DECODER)})
        self.attention = nn.Linear(2 * ENCODER, DECODER, bias=False)
        self.hidden = nn.Linear(2 * ENCODER + DECODER, HIDDEN)
        self.head = nn.Linear(HIDDEN, len(TARGET))

    def encode(self, sources):
        """The memory [S, B, M], which of it is padding [S, B], and the decoder's first state [1, B, H]."""
        lengths = torch.tensor([len(source) for source in sources])
        packed = pack_padded_sequence(self.encoder["embedding"](pad_sequence(sources)), lengths, enforce_sorted=False)
        outputs, final = self.encoder["gru"](packed)
        memory, _ = pad_packed_sequence(outputs)
        padding = torch.arange(len(memory))[:, None] >= lengths
        return memory, padding, torch.tanh(self.bridge(torch.cat([final[0], final[1]], -1)))[None]

    def decode(self, memory, padding, state, targets):
        """The logits after each token of targets [T, B], and the state."""
        queries, state = self.decoder["gru"](self.decoder["embedding"](targets), state)
        scores = torch.einsum("tbq,sbq->tbs", queries, self.attention(memory)).masked_fill(padding.t(), -torch.inf)
        context = torch.einsum("tbs,sbm->tbm", scores.softmax(-1), memory)
        return self.head(torch.tanh(self.hidden(torch.cat([context, queries], -1)))), state

    def forward(self, sources, targets):
        return self.decode(*self.encode(sources), targets)[0]


def train():
    network = EncoderDecoder()
    average = torch.optim.swa_utils.AveragedModel(
        network, avg_fn=lambda kept, new, _: AVERAGING * kept + (1 - AVERAGING) * new
    )
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, STEPS, pct_start=0.1)
    forms, dates = split_forms()[0], split_dates()[0]
    chance = random.Random(1)
    for step in range(STEPS):
        pairs = [pair(dates, forms, chance) for _ in range(BATCH)]
        sources = [mask(source_tokens(text), chance) for text, _ in pairs]
        targets = torch.stack([target_tokens(START + iso + END) for _, iso in pairs], 1)
        logits = network(sources, targets[:-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(network)
        if step % 200 == 0:
            print(step, round(loss.item(), 5), flush=True)
    return average.module.eval()


def mask(tokens, chance):
    return torch.tensor([SOURCE.index(UNKNOWN) if chance.random() < MASKED else token for token in tokens.tolist()])


@torch.no_grad()
def greedy(network, texts):
    memory, padding, state = network.encode([source_tokens(text) for text in texts])
    token = target_tokens(START * len(texts))[None]
    tokens = []
    for _ in range(12):
        logits, state = network.decode(memory, padding, state, token)
        token = logits.argmax(-1)
        tokens.append(token)
    return [text_of(row) for row in torch.cat(tokens).t().tolist()]


def text_of(tokens):
    return "".join(TARGET[token] for token in tokens).split(END)[0]


@torch.no_grad()
def beam(network, text):
    """The most probable of BEAMS hypotheses that end within 12 tokens."""
    memory, padding, state = network.encode([source_tokens(text)])
    open_ones, ended = [(0.0, "", state)], []
    for _ in range(12):
        grown = []
        for score, told, state in open_ones:
            logits, after = network.decode(memory, padding, state, target_tokens((START + told)[-1])[None])
            log_p = logits[0, 0].log_softmax(-1).tolist()
            grown += [(score + p, told + TARGET[token], after) for token, p in enumerate(log_p)]
        best = sorted(grown, key=lambda item: -item[0])[:BEAMS]
        ended += [item for item in best if item[1].endswith(END)]
        open_ones = [item for item in best if not item[1].endswith(END)]
        if not open_ones or (ended and max(ended)[0] >= open_ones[0][0]):
            break
    return max(ended or open_ones, key=lambda item: item[0])[1].rstrip(END)


def rules(text):
    """What a program would do that knows the ten most usual forms."""
    for form in COMMON:
        try:
            return datetime.strptime(text.strip(), form).date().isoformat()
        except ValueError:
            pass
    return ""


def exact(guesses, pairs):
    return round(sum(guess == iso for guess, (_, iso) in zip(guesses, pairs)) / len(pairs), 4)


def figures_of(network, pairs):
    texts = [text for text, _ in pairs]
    return {
        "greedy": exact(greedy(network, texts), pairs),
        f"beam of {BEAMS}": exact([beam(network, text) for text in texts], pairs),
        "the ten most usual forms": exact([rules(text) for text in texts], pairs),
    }


def manifest(network):
    examples = []
    for source, text in EXAMPLES:
        with torch.no_grad():
            logits = network([source_tokens(source)], target_tokens(text)[:, None])
        examples.append({"source": source, "text": text, "output": rounded(logits[-1, 0])})
    return {
        "format": 1,
        "description": "Turns a date as people write it into ISO 8601, such as 2021-03-05.",
        "license": "CC0-1.0",
        "weights": "model.safetensors",
        "encoder": {
            "input": {"kind": "characters", "vocabulary": SOURCE, "lowercase": True, "unknown": UNKNOWN},
            "layers": [
                {"kind": "embedding", "name": "encoder.embedding", "size": EMBEDDING},
                {"kind": "gru", "name": "encoder.gru", "hiddenSize": ENCODER, "direction": "bidirectional"},
            ],
            "maxLength": MAX_LENGTH,
            "bridge": {"kind": "dense", "name": "bridge"},
        },
        "input": {"kind": "characters", "vocabulary": TARGET, "start": START, "end": END},
        "layers": [
            {"kind": "embedding", "name": "decoder.embedding", "size": EMBEDDING},
            {"kind": "gru", "name": "decoder.gru", "hiddenSize": DECODER},
            {"kind": "attention", "name": "attention", "score": "general"},
            {"kind": "dense", "name": "hidden", "size": HIDDEN, "activation": "tanh"},
            {"kind": "dense", "name": "head", "size": len(TARGET)},
        ],
        "output": {"kind": "next-token"},
        "examples": examples,
    }


def main():
    torch.manual_seed(18)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    network = train()
    known, unknown = held_out()
    figures = {"unseen dates": figures_of(network, known), "unseen dates in unseen forms": figures_of(network, unknown)}
    write_model(FOLDER, manifest(network), state_dict_arrays(network))
    write_json(FOLDER / "figures.json", figures)
    for name, pairs in (("known", known), ("unknown", unknown)):
        lines = "".join(f"{text}\t{iso}\n" for text, iso in pairs)
        (FOLDER / f"held-out-{name}-forms.tsv").write_text(lines, encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
