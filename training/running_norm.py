"""The moments of the engine's running-norm, in float32 as the engine has them."""

import numpy as np


def moments(values, window):
    """values [T, B]; returns how each stands out, its mean and its deviation, all [T, B]."""
    values = values.astype(np.float32)
    mean, variance = np.zeros(values.shape[1], np.float32), np.zeros(values.shape[1], np.float32)
    means, deviations = np.empty_like(values), np.empty_like(values)
    for step, x in enumerate(values):
        weight = np.float32(1) / np.float32(min(step + 1, window))
        difference = x - mean
        mean = mean + weight * difference
        variance = (1 - weight) * (variance + weight * difference * difference)
        means[step] = mean
        deviations[step] = np.sqrt(variance) + np.float32(1e-6) * np.abs(mean) if step else np.float32(0.1) * np.abs(mean)
    deviations += np.float32(1e-9)
    return np.arcsinh((values - means) / deviations), means, deviations
