"""Trains models/tags: a bidirectional LSTM that tells the part of speech of every word of a sentence.

    python3 training/train_tags.py              about 3 minutes on one core
"""

import copy
import json
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from tags import COLUMNS, UNKNOWN, accuracy, feature, most_frequent_tags, outside, split, words_of

SIZES = [64, 8, 16, 32, 16, 16]
RARE = [2, 1, 2, 2, 2, 2]  # what occurs less often in training has no entry of its own
HIDDEN, DROPOUT = 96, 0.4
EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY = 25, 32, 4e-3, 0.05
MASKED = 0.1  # the share of words that training hides, so that their features must do
FOLDER = ROOT / "models/tags/1"
EXAMPLES = ["The quick brown fox jumps over the lazy dog.", "Googling it took me 5 minutes!", "She didn't blorf"]


class Embeddings(nn.Module):
    def __init__(self, vocabularies):
        super().__init__()
        for column, (vocabulary, size) in enumerate(zip(vocabularies, SIZES)):
            self.add_module(str(column), nn.Embedding(len(vocabulary), size))

    def forward(self, indices):
        """indices [T, B, K] -> [T, B, E]."""
        return torch.cat([table(indices[..., column]) for column, table in enumerate(self.children())], -1)


class Tagger(nn.Module):
    def __init__(self, vocabularies, labels):
        super().__init__()
        self.embeddings = Embeddings(vocabularies)
        self.lstm = nn.LSTM(sum(SIZES), HIDDEN, bidirectional=True)
        self.head = nn.Linear(2 * HIDDEN, len(labels))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, sentences):
        """Indices [T, K] of each sentence -> logits [T, B, labels]."""
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        inputs = self.dropout(self.embeddings(pad_sequence(sentences)))
        outputs, _ = self.lstm(pack_padded_sequence(inputs, lengths, enforce_sorted=False))
        return self.head(self.dropout(pad_packed_sequence(outputs)[0]))


def vocabularies_of(sentences):
    vocabularies = []
    for column, rare in zip(COLUMNS, RARE):
        counts = Counter(feature(column, word) for sentence in sentences for word, _ in sentence)
        vocabularies.append([UNKNOWN] + sorted(text for text, count in counts.items() if count >= rare))
    return vocabularies


def indices(vocabularies, words):
    tables = [{text: index for index, text in enumerate(vocabulary)} for vocabulary in vocabularies]
    return torch.tensor([[table.get(feature(column, word), 0) for column, table in zip(COLUMNS, tables)] for word in words])


@torch.no_grad()
def tag(network, vocabularies, labels, sentences):
    tables = [indices(vocabularies, [word for word, _ in sentence]) for sentence in sentences]
    return [[labels[i] for i in network.eval()([table])[:, 0].argmax(-1).tolist()] for table in tables]


def train(parts, vocabularies, labels):
    """Returns the network of the epoch that validates best."""
    network = Tagger(vocabularies, labels)
    data = [
        (indices(vocabularies, [word for word, _ in sentence]), torch.tensor([labels.index(tag) for _, tag in sentence]))
        for sentence in parts["training"]
    ]
    steps = EPOCHS * -(-len(data) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)
    chance = random.Random(1)
    best, best_accuracy = None, 0.0
    for epoch in range(1, EPOCHS + 1):
        chance.shuffle(data)
        for begin in range(0, len(data), BATCH):
            batch = data[begin : begin + BATCH]
            inputs = [table.clone() for table, _ in batch]
            for table in inputs:
                table[torch.rand(len(table)) < MASKED, 0] = 0
            logits = network.train()(inputs)
            targets = pad_sequence([tags for _, tags in batch], padding_value=-100)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        validation = accuracy(tag(network, vocabularies, labels, parts["validation"]), parts["validation"])
        print(f"epoch {epoch} of {EPOCHS}, validation {validation}", flush=True)
        if validation > best_accuracy:
            best, best_accuracy = copy.deepcopy(network), validation
    return best.eval()


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    parts = split()
    vocabularies = vocabularies_of(parts["training"])
    labels = sorted({tag for sentence in parts["training"] for _, tag in sentence})
    network = train(parts, vocabularies, labels)

    baseline = most_frequent_tags(parts["training"])
    known = words_of(parts["training"])
    figures = {"sentences": {part: len(sentences) for part, sentences in parts.items()}}
    for name, sentences in (("test", parts["test"]), ("news and Wikipedia", outside())):
        ways = {
            "lstm": tag(network, vocabularies, labels, sentences),
            "most frequent tag": [[baseline(word) for word, _ in sentence] for sentence in sentences],
        }
        figures[name] = {
            way: {"accuracy": accuracy(tags, sentences), "of unknown words": accuracy(tags, sentences, without=known)}
            for way, tags in ways.items()
        }

    examples = []
    for text in EXAMPLES:
        words = text.replace("didn't", "did n't").replace(".", " .").replace("!", " !").split()
        with torch.no_grad():
            logits = network([indices(vocabularies, words)])[-1, 0]
        examples.append({"words": words, "output": rounded(logits)})
    manifest = {
        "format": 1,
        "description": "Tells the part of speech of every word of an English sentence.",
        "license": "CC-BY-SA-4.0",
        "weights": "model.safetensors",
        "input": {
            "kind": "word-features",
            "columns": [{**column, "vocabulary": vocabulary} for column, vocabulary in zip(COLUMNS, vocabularies)],
        },
        "layers": [
            {"kind": "embeddings", "name": "embeddings", "sizes": SIZES},
            {"kind": "lstm", "name": "lstm", "hiddenSize": HIDDEN, "direction": "bidirectional"},
            {"kind": "dense", "name": "head", "size": len(labels)},
        ],
        "output": {"kind": "classes", "labels": labels},
        "examples": examples,
    }
    write_model(FOLDER, manifest, state_dict_arrays(network))
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
