"""Keras's layers in float64, written from its documentation and in its own conventions: kernels are [I, O], an LSTM's gates i, f, c, o
and a GRU's z, r, h. One sequence at a time, [T][I]. `major` is the version of Keras, which decides what hard_sigmoid is."""
import math

import numpy as np

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3, "CuDNNLSTM": 4, "CuDNNGRU": 3}


def activation(name, major):
    erf = np.vectorize(math.erf)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    softplus = lambda x: np.log1p(np.exp(x))
    softmax = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    elu = lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return {
        "linear": lambda x: x, "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "sigmoid": sigmoid, "softmax": softmax,
        "log_softmax": lambda x: np.log(softmax(x)), "relu6": lambda x: np.clip(x, 0, 6), "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
        "elu": elu, "selu": lambda x: 1.05070098735548049342 * elu(x, 1.67326324235437728481), "softplus": softplus,
        "softsign": lambda x: x / (1 + np.abs(x)), "gelu": lambda x: 0.5 * x * (1 + erf(x / math.sqrt(2))), "swish": lambda x: x * sigmoid(x),
        "mish": lambda x: x * np.tanh(softplus(x)), "exponential": np.exp,
        "hard_sigmoid": (lambda x: np.clip(0.2 * x + 0.5, 0, 1)) if major < 3 else (lambda x: np.clip(x + 3, 0, 6) / 6),
    }[name]


def width_of(one, width):
    kind, config = one["kind"], one["config"]
    if kind == "Bidirectional":
        return config["layer"]["config"]["units"] * (2 if config["merge_mode"] == "concat" else 1)
    if kind == "TimeDistributed":
        return width_of(config["layer"], width)
    return config.get("units") or config.get("output_dim") or width


def canonical(kernel, recurrent, gates):
    """CuDNN keeps each gate's matrices [H, I] and [H, H] in the memory of arrays that are called [I, H] and [H, H]."""
    units = recurrent.shape[0]
    kernels = [part.reshape(-1).reshape(units, -1).T for part in np.split(kernel, gates, axis=1)]
    return np.hstack(kernels), np.hstack([part.T for part in np.split(recurrent, gates, axis=1)])


def steps(one, x, mask, major):
    """The outputs in the order in which they are made; a masked timestep repeats the one before."""
    kind, config = one["kind"], one["config"]
    weights = {key: value.astype(np.float64) for key, value in one["weights"].items()}
    kernel, recurrent, units = weights["kernel"], weights["recurrent_kernel"], config["units"]
    is_cudnn = kind.startswith("CuDNN")
    kind = kind.replace("CuDNN", "")
    bias = weights.get("bias", np.zeros(kernel.shape[1]))
    if is_cudnn:
        kernel, recurrent = canonical(kernel, recurrent, GATES[kind])
        bias = bias.reshape(2, -1)
        bias = bias.sum(0) if kind == "LSTM" else bias
    act = activation(config.get("activation", "tanh"), major)
    gate = activation("sigmoid" if is_cudnn else config.get("recurrent_activation", "sigmoid"), major)
    h, c, outputs = np.zeros(units), np.zeros(units), []
    for t in range(len(x)):
        if mask is None or mask[t]:
            if kind == "SimpleRNN":
                h = act(x[t] @ kernel + bias + h @ recurrent)
            elif kind == "LSTM":
                i, f, g, o = np.split(x[t] @ kernel + h @ recurrent + bias, 4)
                c = gate(f) * c + gate(i) * act(g)
                h = gate(o) * act(c)
            elif is_cudnn or config.get("reset_after"):
                input_bias, recurrent_bias = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
                xz, xr, xh = np.split(x[t] @ kernel + input_bias, 3)
                hz, hr, hh = np.split(h @ recurrent + recurrent_bias, 3)
                z, r = gate(xz + hz), gate(xr + hr)
                h = z * h + (1 - z) * act(xh + r * hh)
            else:
                xz, xr, xh = np.split(x[t] @ kernel + bias, 3)
                uz, ur, uh = np.split(recurrent, 3, axis=1)
                z, r = gate(xz + h @ uz), gate(xr + h @ ur)
                h = z * h + (1 - z) * act(xh + (r * h) @ uh)
        outputs.append(h)
    return np.array(outputs)


def both(one, x, mask, major):
    config = one["config"]
    forward = steps(config["layer"], x, mask, major)
    backward = steps(one["backward"], x[::-1], None if mask is None else mask[::-1], major)
    if config["layer"]["config"].get("return_sequences"):
        backward = backward[::-1]
    else:
        forward, backward = forward[-1], backward[-1]
    return {"concat": lambda: np.concatenate([forward, backward], -1), "sum": lambda: forward + backward, "mul": lambda: forward * backward,
            "ave": lambda: (forward + backward) / 2}[config["merge_mode"]]()


def run(one, x, mask, major):
    """The output of a layer, and the mask that goes on with it."""
    kind, config = one["kind"], one["config"]
    weights = {key: value.astype(np.float64) for key, value in one["weights"].items()}
    if kind == "Embedding":
        return weights["embeddings"][x], x != 0 if config.get("mask_zero") else None
    if kind == "Masking":
        kept = (x != config["mask_value"]).any(-1)
        return x * kept[:, None], kept
    if kind == "Bidirectional":
        return both(one, x, mask, major), mask
    if kind == "TimeDistributed":
        return np.array([run(config["layer"], row, None, major)[0] for row in x]), mask
    if kind in GATES:
        backwards = config.get("go_backwards")
        outputs = steps(one, x[::-1] if backwards else x, mask[::-1] if backwards and mask is not None else mask, major)
        return outputs if config.get("return_sequences") else outputs[-1], mask
    if kind == "Dense":
        return activation(config.get("activation", "linear"), major)(x @ weights["kernel"] + weights.get("bias", 0)), mask
    if kind == "BatchNormalization":
        x = (x - weights["moving_mean"]) / np.sqrt(weights["moving_variance"] + config.get("epsilon", 1e-3))
        return x * weights.get("gamma", 1) + weights.get("beta", 0), mask
    if kind == "LayerNormalization":
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + config.get("epsilon", 1e-3))
        return x * weights.get("gamma", 1) + weights.get("beta", 0), mask
    if kind == "LeakyReLU":
        return np.where(x > 0, x, config["negative_slope"] * x), mask
    if kind == "ELU":
        return np.where(x > 0, x, config["alpha"] * np.expm1(np.minimum(x, 0))), mask
    if kind == "ReLU":
        slope = config["negative_slope"]
        return np.where(x > 0, np.minimum(x, config["max_value"] or np.inf), (slope["value"] if isinstance(slope, dict) else slope) * x), mask
    if kind == "Activation":
        return activation(config["activation"], major)(x), mask
    assert kind in ("InputLayer", "Dropout"), kind
    return x, mask
