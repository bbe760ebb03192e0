"""The figure of models/austen through a server: the bits of each character, the first of a text being worth a uniform guess."""

import json
import math

import austen
from model_folder import ROOT


def figures(server):
    _, held_out = austen.split()
    vocabulary = json.loads((ROOT / "models/austen/1/model.json").read_text(encoding="utf-8"))["input"]["vocabulary"]
    bits = sum(server.map(lambda text: bits_after_first(server, text), held_out)) + len(held_out) * math.log2(len(vocabulary))
    return {"bitsPerCharacter/lstm": bits / sum(map(len, held_out))}


def bits_after_first(server, text):
    """In a session that has read the first character."""
    session = server.post("sessions", {"model": "austen"})["id"]
    server.post(f"sessions/{session}/step", {"text": text[0]})
    reply = server.post(f"sessions/{session}/score", {"text": text[1:]})
    return -reply["logProbability"] / math.log(2)
