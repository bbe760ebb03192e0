"""Jane Austen's six novels as clean text, split into what is trained on and what is held out."""

import re
import tarfile

from model_folder import ROOT

HELD_OUT = 0.05  # the last part of every novel, never seen in training


def novels():
    """The text of each novel: a paragraph per line, plain punctuation."""
    with tarfile.open(ROOT / "training/data/austen.tar.xz") as archive:
        for member in sorted(archive.getnames()):
            if member.endswith(".txt"):
                yield clean(archive.extractfile(member).read().decode("utf-8"))


def clean(text):
    """Joins the hard-wrapped lines of a paragraph; drops emphasis and the few characters too rare to learn."""
    text = text.replace("&", "and").replace("_", "")
    text = re.sub(r"[\[\]*£]", "", text)
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def split():
    """Returns (training text, list of held-out texts, one from each novel)."""
    training, held_out = [], []
    for novel in novels():
        cut = int(len(novel) * (1 - HELD_OUT))
        training.append(novel[:cut])
        held_out.append(novel[cut:])
    return "".join(training), held_out
