"""What the engine's monitor makes of predictions: the tails of a quantile head, and how rare they are in a stream."""

import numpy as np

MEMORY, BINS, THRESHOLD, PRIOR = 200, 6, 1.5, 5.0
LEVELS = [0.005, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 0.995]


def tails(quantiles, came):
    """-log10 of the probability of something at least as far out, on either side; quantiles [T, levels], came [T]."""
    levels, q = np.array(LEVELS), np.sort(quantiles, axis=1)
    least = 1e-6 * np.maximum(q[:, -1] - q[:, 0], np.abs(q[:, 0]) * 1e-6 + 1e-9)
    for level in range(1, len(levels)):
        q[:, level] = np.maximum(q[:, level], q[:, level - 1] + least)
    lower = levels[0] * (q[:, 1] - q[:, 0]) / (levels[1] - levels[0])
    upper = (1 - levels[-1]) * (q[:, -1] - q[:, -2]) / (levels[-1] - levels[-2])
    inside = np.array([np.interp(y, row, levels) for row, y in zip(q, came)])
    logs = np.log(np.minimum(inside, 1 - inside))
    logs = np.where(came < q[:, 0], np.log(levels[0]) + (came - q[:, 0]) / lower, logs)
    logs = np.where(came > q[:, -1], np.log(1 - levels[-1]) - (came - q[:, -1]) / upper, logs)
    return np.minimum(-np.minimum(np.log(2) + logs, 0) / np.log(10), 300)


def anomalies(tails_):
    """The calibrated score of each timestep of one stream."""
    width = THRESHOLD / BINS
    edges = np.arange(BINS + 1) * width
    prior = PRIOR * np.append(10 ** -edges[:-1] - 10 ** -edges[1:], 10**-edges[-1])
    counts, excess, scores = np.zeros(BINS + 1), 0.0, []
    for t in tails_:
        all_ = counts + prior
        place = int(min(t / width, BINS))
        if t >= THRESHOLD:
            mean_excess = (excess + prior[-1] * np.log10(np.e)) / all_[-1]
            probability = all_[-1] / all_.sum() * np.exp(-(t - THRESHOLD) / mean_excess)
        else:
            probability = (all_[place] * ((place + 1) * width - t) / width + all_[place + 1 :].sum()) / all_.sum()
        scores.append(1 - min(probability, 1))
        counts *= 1 - 1 / MEMORY
        excess *= 1 - 1 / MEMORY
        counts[place] += 1
        excess += max(t - THRESHOLD, 0)
    return scores
