"""Writes gates.json beside golden.json in some fixtures: hidden state, cell state and gates of each timestep, gate by gate in PyTorch.

    python3 training/export_gates.py
"""

import json

import torch

from model_folder import ROOT, read_safetensors, rounded
from scaling import scale

FIXTURES = ROOT / "tests/Engine.Tests/Fixtures"
CASES = ["lstm", "lstm-3-layers", "lstm-no-bias", "gru", "gru-2-layers", "gru-reset-before", "characters-embedding-lstm-dense", "features-scaling"]


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c + i * g
    return {"hidden": o * c.tanh(), "cell": c, "input": i, "forget": f, "output": o, "candidate": g}


def gru(x, h, w_ih, w_hh, b_ih, b_hh, reset_after):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = (w_ih @ x + b_ih).chunk(3), (w_hh @ h + b_hh).chunk(3)
    r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
    if not reset_after:
        h_n = w_hh.chunk(3)[2] @ (r * h) + b_hh.chunk(3)[2]
    n = (x_n + (r * h_n if reset_after else h_n)).tanh()
    return {"hidden": (1 - z) * n + z * h, "reset": r, "update": z, "candidate": n}


def gates(folder):
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    weights = {name: torch.from_numpy(array.copy()) for name, array in read_safetensors(folder / manifest["weights"]).items()}
    xs = golden.get("tokens") or list(torch.from_numpy(scale(manifest["input"]["features"], golden["inputs"])))
    told = {}
    for layer in manifest["layers"]:
        name = layer.get("name")
        if layer["kind"] == "embedding":
            xs = [weights[f"{name}.weight"][x] for x in xs]
        for index in range(layer.get("layers", 1)) if layer["kind"] in ("lstm", "gru") else ():
            w_ih, w_hh = weights[f"{name}.weight_ih_l{index}"], weights[f"{name}.weight_hh_l{index}"]
            b_ih, b_hh = (weights.get(f"{name}.bias_{kind}_l{index}", torch.zeros(len(w_ih))) for kind in ("ih", "hh"))
            h, c, rows = torch.zeros(layer["hiddenSize"]), torch.zeros(layer["hiddenSize"]), []
            for x in xs:
                if layer["kind"] == "lstm":
                    rows.append(lstm(x, h, c, w_ih, w_hh, b_ih, b_hh))
                    c = rows[-1]["cell"]
                else:
                    rows.append(gru(x, h, w_ih, w_hh, b_ih, b_hh, layer.get("resetAfter", True)))
                h = rows[-1]["hidden"]
            told[f"{name}.{index}"] = {part: [rounded(row[part].numpy()) for row in rows] for part in rows[0]}
            xs = [row["hidden"] for row in rows]
    return told


def main():
    for case in CASES:
        (FIXTURES / case / "gates.json").write_text(json.dumps(gates(FIXTURES / case)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
