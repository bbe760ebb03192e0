"""The figures of models/names through a server."""

import json

from model_folder import ROOT
from surnames import read_names, scores, split


def figures(server):
    test = split(read_names())["test"]
    labels = json.loads((ROOT / "models/names/1/model.json").read_text(encoding="utf-8"))["output"]["labels"]
    replies = server.post_all("models/names/sequence", [{"text": name, "top": 1} for name, _ in test])
    measured = scores([reply["output"]["label"] for reply in replies], test, labels)
    return {f"gru/{name}": figure for name, figure in measured.items()}
