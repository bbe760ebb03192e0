"""Measures a model's held-out figures through a running server, beside those that its training script wrote.

    python3 training/held_out.py [model ...] [--server http://localhost:8080]

Needs Python and NumPy, no PyTorch. Ends with 1 if a figure is not the recorded one to 4 digits.
"""

import argparse
import importlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from model_folder import ROOT
from server import Server

# Each module has figures(server), a dict of paths in figures.json to what was measured.
MODELS = {model: f"held_out_{model}" for model in ("austen", "names", "temperature", "air", "monitor", "dates", "tags")}
CALLS = 8  # at once


def recorded(model, path):
    figure = json.loads((ROOT / f"models/{model}/1/figures.json").read_text(encoding="utf-8"))
    for key in path.split("/"):
        figure = figure[key]
    return figure


def digits(figure):
    return f"{figure:.4g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", default=list(MODELS), help=", ".join(MODELS))
    parser.add_argument("--server", default="http://localhost:8080")
    arguments = parser.parse_args()

    differs = False
    for model in arguments.model:
        with ThreadPoolExecutor(CALLS) as calls:
            measured = importlib.import_module(MODELS[model]).figures(Server(arguments.server, calls))
        for path, figure in measured.items():
            expected = recorded(model, path)
            same = digits(figure) == digits(expected)
            differs |= not same
            print(f"{'same' if same else 'OTHER':6}{model:13}{path:44}{digits(figure):>9}  recorded {digits(expected)}")
    sys.exit(differs)


if __name__ == "__main__":
    main()
