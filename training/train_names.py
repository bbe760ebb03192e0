"""Trains models/names: a GRU that tells the language a surname comes from.

    python3 training/train_names.py             about 3 minutes on one core
"""

import copy
import json
import math
import random
from collections import Counter, defaultdict

import numpy as np
import torch
from torch import nn

from model_folder import ROOT, rounded, state_dict_arrays, write_json, write_model
from network import Network
from ngram import NGram
from surnames import read_names, scores, split

RARE = 5  # characters that occur less often in training become UNKNOWN
UNKNOWN = "?"
EMBEDDING, HIDDEN, DROPOUT = 32, 192, 0.4
EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY = 20, 64, 4e-3, 0.05
AVERAGING = 0.998  # the weights that are kept are an exponential moving average over the steps
MADE_UP = 40_000  # names that the n-gram makes up
SPELLING = 0.5  # the weight of predicting the next character
PRIORS = [0.5, 0.7, 1.0, 1.2, 1.5]  # exponents of how common a language is, tried for the baseline
MASKED = 0.05  # the share of characters that training replaces by UNKNOWN, which also gives that token a meaning
PADDING = -100  # the target that cross_entropy ignores
FOLDER = ROOT / "models/names/1"
EXAMPLES = ["Yamamoto", "O'Sullivan", "Kowalczyk"]


class NGramClassifier:
    """An n-gram for each language, weighed by how common the language is: the baseline."""

    def __init__(self, pairs, order):
        by_language = defaultdict(list)
        for name, language in pairs:
            by_language[language].append(name)
        alphabet = len({character for name, _ in pairs for character in name}) + 2
        self.order = order
        self.labels = sorted(by_language)
        self.counts = [len(by_language[language]) for language in self.labels]
        self.models = [
            NGram([f"^{name}$" for name in by_language[language]], order - 1, alphabet) for language in self.labels
        ]

    def probabilities(self, name, prior=1.0):
        bits = np.array([model.bits(f"^{name}$") for model in self.models])
        odds = np.power(self.counts, prior) * 2 ** (bits.min() - bits)
        return odds / odds.sum()

    def guesses(self, pairs, prior=1.0):
        return [self.labels[self.probabilities(name, prior).argmax()] for name, _ in pairs]

    def draw(self, count):
        """Made-up names with the probabilities of their languages; rare languages come more often than they are."""
        random_ = random.Random(18)
        models = random_.choices(self.models, [count**0.7 for count in self.counts], k=count)
        names = [model.draw("^", "$", random_) for model in models]
        return [(name, torch.tensor(self.probabilities(name)).float()) for name in names if name]


def baseline(training, validation):
    """The classifier and the weight of the prior that validate best together."""
    ngrams = [NGramClassifier(training, order) for order in range(1, 6)]
    candidates = [(ngram, prior) for ngram in ngrams for prior in PRIORS]
    accuracies = [
        scores(ngram.guesses(validation, prior), validation, ngram.labels)["accuracy"] for ngram, prior in candidates
    ]
    ngram, prior = candidates[int(np.argmax(accuracies))]
    print(f"best n-gram: order {ngram.order}, prior^{prior}, validation accuracy {max(accuracies)}", flush=True)
    return ngram, prior


class Encoder:
    def __init__(self, names, labels):
        counts = Counter(character for name in names for character in name)
        self.vocabulary = [UNKNOWN] + sorted(character for character, count in counts.items() if count >= RARE)
        self.labels = labels
        self.index = {character: token for token, character in enumerate(self.vocabulary)}

    def tokens(self, name):
        return torch.tensor([self.index.get(character, 0) for character in name])

    def batch(self, names):
        """Tokens [T, B], the token after each (after the last an end mark), and the lengths."""
        names = [self.tokens(name) for name in names]
        end = torch.tensor([len(self.vocabulary)])
        following = [torch.cat([name[1:], end]) for name in names]
        return (
            nn.utils.rnn.pad_sequence(names),
            nn.utils.rnn.pad_sequence(following, padding_value=PADDING),
            torch.tensor([len(name) for name in names]),
        )


def layers(outputs):
    return [
        {"kind": "embedding", "name": "embedding", "size": EMBEDDING},
        {"kind": "dropout", "rate": DROPOUT / 2},
        {"kind": "gru", "name": "gru", "hiddenSize": HIDDEN},
        {"kind": "dropout", "rate": DROPOUT},
        {"kind": "dense", "name": "head", "size": outputs},
    ]


def train(encoder, training, validation, ngram):
    """Returns the network whose average weights validate best.

    12,619 labels are little to learn from, so there are two further teachers. The head has rows that predict every next
    character, by which the GRU learns how names are spelled; they are cut off in the end. And half of each epoch are
    names that the n-gram makes up, with its probabilities of their languages: what counts can tell, the GRU learns too.
    """
    classes, characters = len(encoder.labels), len(encoder.vocabulary)
    certain = torch.eye(classes)
    real = [(name, certain[encoder.labels.index(language)]) for name, language in training]
    made_up = ngram.draw(MADE_UP)
    network = Network(layers(classes + characters + 1), characters)
    average, best, best_accuracy = copy.deepcopy(network), None, 0.0
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * math.ceil(2 * len(real) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)

    for epoch in range(1, EPOCHS + 1):
        examples = real + [made_up[i] for i in torch.randperm(len(made_up))[: len(real)]]
        for chosen in torch.randperm(len(examples)).split(BATCH):
            names, languages = zip(*(examples[i] for i in chosen))
            tokens, following, lengths = encoder.batch(names)
            masked = tokens.masked_fill(torch.rand(tokens.shape) < MASKED, 0)
            outputs, _ = network.train()(masked)
            label_loss = nn.functional.cross_entropy(last(outputs, lengths)[:, :classes], torch.stack(languages))
            spelling_loss = nn.functional.cross_entropy(outputs[..., classes:].flatten(0, 1), following.flatten())
            optimizer.zero_grad()
            (label_loss + SPELLING * spelling_loss).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                for mean, weight in zip(average.parameters(), network.parameters()):
                    mean.lerp_(weight, 1 - AVERAGING)

        candidate = Network(layers(classes), characters)
        weights = average.state_dict()
        head = {name: weights[name][:classes] for name in ("head.weight", "head.bias")}
        candidate.load_state_dict({**weights, **head})
        figures = scores(guesses(candidate, encoder, validation), validation, encoder.labels)
        print(f"epoch {epoch} of {EPOCHS}, validation {figures}", flush=True)
        accuracy = figures["accuracy"]
        if accuracy > best_accuracy:
            best, best_accuracy = candidate, accuracy
    return best.eval()


def last(outputs, lengths):
    """Of outputs [T, B, O] those after the last character of each name, [B, O]."""
    return outputs[lengths - 1, torch.arange(len(lengths))]


@torch.no_grad()
def guesses(network, encoder, pairs):
    tokens, _, lengths = encoder.batch([name for name, _ in pairs])
    outputs, _ = network.eval()(tokens)
    return [encoder.labels[i] for i in last(outputs, lengths).argmax(dim=1)]


def main():
    torch.manual_seed(18)
    torch.set_num_threads(1)  # one thread sums in one order: the same weights every time
    parts = split(read_names())
    test = parts["test"]
    ngram, prior = baseline(parts["training"], parts["validation"])
    labels = ngram.labels
    encoder = Encoder([name for name, _ in parts["training"]], labels)
    network = train(encoder, parts["training"], parts["validation"], ngram)

    majority = Counter(language for _, language in parts["training"]).most_common(1)[0][0]
    figures = {
        **{part: len(pairs) for part, pairs in parts.items()},
        "gru": scores(guesses(network, encoder, test), test, labels),
        f"{ngram.order}-gram of each language": scores(ngram.guesses(test, prior), test, labels),
        f"always {majority}": scores([majority] * len(test), test, labels),
    }

    examples = []
    for text in EXAMPLES:
        with torch.no_grad():
            outputs, _ = network(encoder.tokens(text.lower())[:, None])
        examples.append({"text": text, "output": rounded(outputs[-1, 0])})
    manifest = {
        "format": 1,
        "description": f"Tells which of {len(labels)} languages a surname comes from, character by character.",
        "license": "MIT",
        "weights": "model.safetensors",
        "input": {"kind": "characters", "vocabulary": encoder.vocabulary, "lowercase": True, "unknown": UNKNOWN},
        "layers": layers(len(labels)),
        "output": {"kind": "classes", "labels": labels},
        "examples": examples,
    }
    write_model(FOLDER, manifest, state_dict_arrays(network))
    write_json(FOLDER / "figures.json", figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
