"""Sentences whose words have universal part-of-speech tags, and the features of a word; no torch here."""

import lzma
import random
import re
from collections import Counter

from model_folder import ROOT
from parts import cut

SHARES = {"training": 0.8, "validation": 0.05, "test": 0.15}
UNKNOWN = "<unknown>"  # the first entry of every vocabulary, and the feature of what is in none


def read_sentences(name):
    """Sentences of a treebank as lists of (word, tag)."""
    with lzma.open(ROOT / f"training/data/ud/{name}.tsv.xz", "rt", encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    return [[tuple(line.split("\t")) for line in block.strip().split("\n")] for block in blocks]


def split():
    """The sentences of the English Web Treebank's part by the shares; a sentence that occurs twice is in one part."""
    distinct = sorted({tuple(sentence) for sentence in read_sentences("en_ewt-ud-dev")})
    random.Random(7).shuffle(distinct)
    return {part: [list(sentence) for sentence in chosen] for part, chosen in cut(distinct, SHARES)}


def outside():
    """Sentences of another treebank, of news and Wikipedia."""
    return read_sentences("en_pud-ud-test")


def shape(word):
    """X for capitals, x for other letters, 0 for digits, other characters as they are; of a run, one."""
    kinds = "".join("X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdigit() else c for c in word)
    return re.sub(r"(.)\1+", r"\1", kinds)


COLUMNS = [
    {"feature": "word"},
    {"feature": "suffix", "length": 1},
    {"feature": "suffix", "length": 2},
    {"feature": "suffix", "length": 3},
    {"feature": "prefix", "length": 3},
    {"feature": "shape"},
]


def feature(column, word):
    """What a column looks at; all but the shape in lower case."""
    if column["feature"] == "shape":
        return shape(word)
    word = word.lower()
    length = column.get("length", len(word))
    return word[-length:] if column["feature"] == "suffix" else word[:length]


def most_frequent_tags(sentences):
    """The baseline: each word's most frequent tag; of unknown words, the most frequent of those that occur once."""
    counts = {}
    for word, tag in (pair for sentence in sentences for pair in sentence):
        counts.setdefault(word.lower(), Counter())[tag] += 1
    once = Counter(tag for tags in counts.values() if sum(tags.values()) == 1 for tag in tags)
    best = {word: tags.most_common(1)[0][0] for word, tags in counts.items()}
    return lambda word: best.get(word.lower(), once.most_common(1)[0][0])


def words_of(sentences):
    """All their words in lower case."""
    return {word.lower() for sentence in sentences for word, _ in sentence}


def accuracy(tagged, sentences, without=frozenset()):
    """The share of words whose tag is right; of those alone that are not among some, in lower case."""
    right = [
        guess == tag
        for guesses, sentence in zip(tagged, sentences)
        for guess, (word, tag) in zip(guesses, sentence)
        if word.lower() not in without
    ]
    return round(sum(right) / len(right), 4)
