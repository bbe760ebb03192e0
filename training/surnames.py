"""Surnames with their languages, and the parts that they are split into; no torch here."""

import random
import unicodedata
from collections import Counter, defaultdict

import numpy as np

from model_folder import ROOT
from parts import cut

SPLIT_SEED = 18  # as many languages
SHARES = {"training": 0.7, "validation": 0.1, "test": 0.2}


def read_names():
    """The languages of each name: lower-cased, without duplicates in a language."""
    languages = defaultdict(set)
    for path in sorted((ROOT / "training/data/names").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if name := unicodedata.normalize("NFC", line.strip().lower()):
                languages[name].add(path.stem)
    return languages


def split(languages):
    """Pairs (name, language) of each part; a name of several languages has all its pairs in one part."""
    sizes = Counter(language for each in languages.values() for language in each)
    of_rarest = defaultdict(list)
    for name in sorted(languages):
        of_rarest[min(languages[name], key=lambda language: (sizes[language], language))].append(name)

    parts = {part: [] for part in SHARES}
    shuffler = random.Random(SPLIT_SEED)
    for _, names in sorted(of_rarest.items()):
        shuffler.shuffle(names)
        for part, chosen in cut(names, SHARES):
            parts[part] += [(name, language) for name in chosen for language in sorted(languages[name])]
    return parts


def scores(guessed, pairs, labels):
    """Accuracy, and F1 averaged over the languages, in which the rare ones count as much as Russian."""
    pairs = list(zip(guessed, (language for _, language in pairs)))
    f1 = []
    for label in labels:
        right = sum(guess == label == language for guess, language in pairs)
        f1.append(2 * right / max(1, sum((guess == label) + (language == label) for guess, language in pairs)))
    accuracy = np.mean([guess == language for guess, language in pairs])
    return {"accuracy": round(float(accuracy), 4), "macroF1": round(float(np.mean(f1)), 4)}
