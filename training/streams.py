"""Streams of all kinds, made up or of Beijing's weather, in any unit; none of the benchmark's. No torch here."""

import math

import numpy as np

from beijing import AIR, WEATHER, filled, read_hours

REAL_SHARE = 0.25


def read_real():
    """Beijing's hourly PM2.5, temperature, dew point, pressure and cumulated wind speed; a gap holds the value before."""
    columns = [AIR, *WEATHER]
    _, values = read_hours(columns)
    return list(filled(values[24:]).T[: len(columns)])  # the first day has no PM2.5


class Streams:
    def __init__(self, seed):
        self._random, self._real = np.random.default_rng(seed), read_real()

    def batch(self, streams, length):
        """[length, streams]"""
        return np.stack([self._stream(length) for _ in range(streams)], 1)

    def _stream(self, length):
        random = self._random
        if random.random() < REAL_SHARE:
            stream = self._real[random.integers(len(self._real))]
            begin = random.integers(len(stream) - length)
            return stream[begin : begin + length] * (1 if random.random() < 0.7 else -1)
        made = self._seasons(length) + self._autoregression(length) * self._size(-0.7, 0.8) + random.normal(size=length) * self._size(-1.8, 1)
        return self._shaped(made) * self._size(0, 3) + random.normal() * self._size(0, 3)

    def _size(self, mean, deviation):
        return math.exp(self._random.normal(mean, deviation))

    def _between(self, least, most):
        """Log-uniform."""
        return math.exp(self._random.uniform(math.log(least), math.log(most)))

    def _seasons(self, length):
        random, times = self._random, np.arange(length) + self._random.integers(1000)
        made = np.zeros(length)
        for _ in range(random.integers(3)):
            wave = np.sin(2 * np.pi * times / self._between(6, 400) + random.uniform(0, 2 * np.pi))
            kind = random.random()
            if kind < 0.3:
                wave = np.sign(wave - random.uniform(-0.8, 0.8))
            elif kind < 0.5:
                wave = np.maximum(wave, random.uniform(-0.5, 0.5))
            made += wave * self._size(0, 0.7)
        return made

    def _autoregression(self, length):
        random = self._random
        noise = random.normal(size=length) if random.random() < 0.6 else random.standard_t(3, size=length)
        if random.random() < 0.3:
            noise *= np.exp(0.7 * np.sin(2 * np.pi * np.arange(length) / random.uniform(50, 400)))
        coefficient = 1 - self._between(0.003, 1)
        made, value = np.empty(length), 0.0
        for step, push in enumerate(noise * math.sqrt(1 - coefficient**2)):
            made[step] = value = coefficient * value + push
        return made

    def _shaped(self, made):
        """Steps, spikes, skewness, a floor, and rounding, each now and then."""
        random = self._random
        for _ in range(random.poisson(0.5)):
            made[random.integers(len(made)) :] += random.normal() * 2
        if random.random() < 0.25:
            spikes = random.random(len(made)) < self._between(0.003, 0.05)
            made = made + spikes * random.exponential(size=len(made)) * self._size(1, 0.7) * random.choice([1, 1, -1])
        if random.random() < 0.2:
            made = np.exp(np.clip(made, -6, 4) * random.uniform(0.3, 1))
        if random.random() < 0.2:
            made = np.maximum(made, np.quantile(made, random.uniform(0, 0.6)))
        if random.random() < 0.2:
            step = made.std() * math.exp(random.uniform(-3, 0)) + 1e-9
            made = np.round(made / step) * step
        return made
