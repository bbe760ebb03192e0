"""The random numbers of the engine (PCG-XSH-RR 64/32, SplitMix64), so that a script can repeat what a server has drawn."""

import numpy as np

_MULTIPLIER, _INCREMENT = np.uint64(6364136223846793005), np.uint64(1442695040888963407)
_GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)


def seeds_of(seed, indices):
    """The seeds of several draws that one seed tells; indices from 1."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + _GOLDEN_RATIO * np.asarray(indices, np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))) >> np.uint64(11)


class Streams:
    """A stream of numbers for each seed."""

    def __init__(self, seeds):
        with np.errstate(over="ignore"):
            self._state = np.asarray(seeds, np.uint64) + _INCREMENT
        self._next()

    def probabilities(self):
        """A number above 0 and below 1 of each stream."""
        return (self._next().astype(np.float64) + 0.5) / 2**32

    def _next(self):
        state = self._state
        with np.errstate(over="ignore"):
            self._state = state * _MULTIPLIER + _INCREMENT
        shifted = (((state >> np.uint64(18)) ^ state) >> np.uint64(27)).astype(np.uint32)
        turn = (state >> np.uint64(59)).astype(np.uint32)
        return (shifted >> turn) | (shifted << ((np.uint32(32) - turn) % np.uint32(32)))
