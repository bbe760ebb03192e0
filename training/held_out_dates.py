"""The figures of models/dates through a server."""

from model_folder import ROOT

SETS = {"unseen dates": "known", "unseen dates in unseen forms": "unknown"}
WAYS = {"greedy": {"temperature": 0}, "beam of 4": {"beams": 4}}


def figures(server):
    measured = {}
    for name, file in SETS.items():
        lines = (ROOT / f"models/dates/1/held-out-{file}-forms.tsv").read_text(encoding="utf-8").splitlines()
        pairs = [line.split("\t") for line in lines]
        for way, options in WAYS.items():
            replies = server.post_all("models/dates/generate", [{"text": text, "maxLength": 12, **options} for text, _ in pairs])
            right = sum(reply["text"] == iso for reply, (_, iso) in zip(replies, pairs))
            measured[f"{name}/{way}"] = right / len(pairs)
    return measured
