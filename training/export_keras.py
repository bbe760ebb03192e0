"""Writes small files in the layouts of Keras 1, 2 and 3, and what their layers give: tests/Engine.Tests/Files/keras/written.

usage: python3 training/export_keras.py    (needs h5py and numpy; Keras itself is not needed)
The outputs are computed here in float64, in Keras's conventions: kernels [inputs, gates * units], gates i, f, c, o and z, r, h.
"""
import io
import json
import math
import pathlib
import zipfile

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parent.parent / "tests/Engine.Tests/Files/keras/written"
I, U, T, TOKENS = 3, 4, 6, 9
random = np.random.default_rng(7)
cases = []


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


FUNCTIONS = {
    "linear": lambda x: x, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "sigmoid": sigmoid,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1), "hard_sigmoid_3": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(), "softsign": lambda x: x / (1 + abs(x)),
    "softplus": lambda x: np.log1p(np.exp(x)), "exponential": np.exp, "swish": lambda x: x * sigmoid(x), "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
}


def weights(*shape):
    return random.normal(size=shape).astype("float32") * np.float32(0.6)


def rnn_weights(gates, inputs=I, double=False, bias=True):
    return [weights(inputs, gates * U), weights(U, gates * U)] + ([weights(*((2, gates * U) if double else (gates * U,)))] if bias else [])


def step(kind, w, x, state, f, r):
    kernel, recurrent = w[0].astype(float), w[1].astype(float)
    bias = w[2].astype(float) if len(w) > 2 else np.zeros(kernel.shape[1])
    h = state[0]
    if kind == "SimpleRNN":
        return (f(x @ kernel + h @ recurrent + bias),)
    if kind == "LSTM":
        i, g, c, o = np.split(x @ kernel + h @ recurrent + bias, 4)
        cell = r(g) * state[1] + r(i) * f(c)
        return r(o) * f(cell), cell
    if bias.ndim == 2:
        xz, xr, xh = np.split(x @ kernel + bias[0], 3)
        hz, hr, hh = np.split(h @ recurrent + bias[1], 3)
        z, gate = r(xz + hz), r(xr + hr)
        candidate = f(xh + gate * hh)
    else:
        xz, xr, xh = np.split(x @ kernel + bias, 3)
        uz, ur, uh = np.split(recurrent, 3, axis=1)
        z, gate = r(xz + h @ uz), r(xr + h @ ur)
        candidate = f(xh + (gate * h) @ uh)
    return (z * h + (1 - z) * candidate,)


def run(kind, w, xs, f="tanh", r="sigmoid", backwards=False, mask=None):
    """The outputs in the order in which the layer reads; a masked timestep repeats the one before."""
    state, outputs = (np.zeros(U), np.zeros(U)), []
    order = range(len(xs) - 1, -1, -1) if backwards else range(len(xs))
    for t in order:
        if mask is None or mask[t]:
            state = step(kind, w, np.asarray(xs[t], float), state, FUNCTIONS[f], FUNCTIONS[r])
        outputs.append(state[0])
    return np.array(outputs)


def dense(w, xs, f="linear"):
    return np.array([FUNCTIONS[f](x @ w[0].astype(float) + w[1]) for x in xs])


def layer(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, **config}}


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": list(layers)}}


def text(value, fixed):
    return np.bytes_(value.encode()) if fixed else value


def h5(name, model, named, version="2.11.0", fixed=True, split=False, compression=None):
    """The layout of model.save("x.h5"): a group for each layer, with the list of its weights."""
    with h5py.File(FOLDER / name, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = text(version, fixed), text("tensorflow", fixed)
        file.attrs["model_config"] = text(json.dumps(model), fixed)
        root = file.create_group("model_weights")
        names = list(named)
        if split:
            root.attrs["layer_names0"] = np.array([n.encode() for n in names[:1]])
            root.attrs["layer_names1"] = np.array([n.encode() for n in names[1:]])
        else:
            root.attrs["layer_names"] = np.array([n.encode() for n in names]) if fixed else names
        for layer_name, arrays in named.items():
            group = root.create_group(layer_name)
            group.attrs["weight_names"] = (np.array([n.encode() for n, _ in arrays]) if arrays else np.array([])) if fixed else [n for n, _ in arrays]
            for weight_name, array in arrays:
                group.create_dataset(weight_name, data=array, compression=compression)


def variables(named, separator="/"):
    """The layout of .keras: {path of an object: its arrays} as numbered variables."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        for path, arrays in named.items():
            group = file.create_group(path.replace("/", separator)).create_group("vars")
            for index, array in enumerate(arrays):
                group.create_dataset(str(index), data=array)
    return memory.getvalue()


def archive(name, model, named, version="3.5.0", separator="/"):
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2025-01-01@00:00:00"}))
        file.writestr("config.json", json.dumps(model))
        file.writestr("model.weights.h5", variables(named, separator))


def case(name, outputs, xs=None, tokens=None):
    cases.append({"file": name, "inputs": None if xs is None else np.asarray(xs, float).tolist(), "tokens": tokens, "outputs": np.asarray(outputs).tolist()})


def names(prefix, arrays):
    return [(f"{prefix}/{n}:0", a) for n, a in zip(("kernel", "recurrent_kernel", "bias"), arrays)]


def main():
    xs = weights(T, I)

    for after in (False, True):
        w = rnn_weights(3, double=after)
        h5(f"gru-{after}.h5", sequential(layer("GRU", "g", units=U, return_sequences=True, reset_after=after, recurrent_activation="hard_sigmoid")), {"g": names("g", w)})
        case(f"gru-{after}.h5", run("GRU", w, xs, r="hard_sigmoid"), xs)
        archive(f"gru-{after}.keras", sequential(layer("GRU", "my_gru", units=U, return_sequences=True, reset_after=after)), {"layers/gru/cell": w})
        case(f"gru-{after}.keras", run("GRU", w, xs), xs)

    merges = {"concat": lambda a, b: np.concatenate([a, b], -1), "sum": lambda a, b: a + b, "mul": lambda a, b: a * b, "ave": lambda a, b: (a + b) / 2}
    for index, (mode, merge) in enumerate(merges.items()):
        for whole in (True, False):
            kind, gates = (("LSTM", 4), ("GRU", 3))[index % 2]
            a, b = rnn_weights(gates, double=kind == "GRU"), rnn_weights(gates, double=kind == "GRU")
            name = f"both-{mode}-{whole}.keras"
            inner = {"module": "keras.layers", **layer(kind, "inner", units=U, return_sequences=whole, reset_after=True)}
            archive(name, sequential(layer("InputLayer", "in"), layer("Bidirectional", "b", merge_mode=mode, layer=inner)),
                    {"layers/bidirectional/forward_layer/cell": a, "layers/bidirectional/backward_layer/cell": b})
            f, r = run(kind, a, xs), run(kind, b, xs, backwards=True)
            case(name, merge(f, r[::-1]) if whole else [merge(f[-1], r[-1])], xs)

    for whole in (True, False):
        w = rnn_weights(4)
        name = f"backwards-{whole}.h5"
        h5(name, sequential(layer("LSTM", "l", units=U, return_sequences=whole, go_backwards=True, recurrent_activation="sigmoid")), {"l": names("l", w)})
        out = run("LSTM", w, xs, backwards=True)
        case(name, out if whole else out[-1:], xs)

    w = rnn_weights(3, bias=False)
    archive("no-bias.keras", sequential(layer("GRU", "g", units=U, return_sequences=True, use_bias=False, reset_after=True)), {"layers/gru/cell": w})
    case("no-bias.keras", run("GRU", w + [np.zeros((2, 3 * U))], xs), xs)

    w = rnn_weights(4)
    archive("hard-sigmoid-3.keras", sequential(layer("LSTM", "l", units=U, return_sequences=True, recurrent_activation="hard_sigmoid")), {"layers/lstm/cell": w})
    case("hard-sigmoid-3.keras", run("LSTM", w, xs, r="hard_sigmoid_3"), xs)
    archive("hard-sigmoid-2.keras", sequential(layer("LSTM", "l", units=U, return_sequences=True, recurrent_activation="hard_sigmoid")), {"layers/lstm/cell": w}, version="2.15.0")
    case("hard-sigmoid-2.keras", run("LSTM", w, xs, r="hard_sigmoid"), xs)

    for function in ("elu", "selu", "softsign", "softplus", "gelu", "swish", "silu", "exponential", "leaky_relu", "linear"):
        w = [array * np.float32(0.3) for array in rnn_weights(1)]
        archive(f"function-{function}.keras", sequential(layer("SimpleRNN", "r", units=U, return_sequences=True, activation=function)), {"layers/simple_rnn/cell": w})
        case(f"function-{function}.keras", run("SimpleRNN", w, xs, f=function), xs)

    tokens, table = [0, 3, 0, 5, 8, 0], weights(TOKENS, I)
    mask, vectors = [t != 0 for t in tokens], table[[0, 3, 0, 5, 8, 0]]
    w, head = rnn_weights(4), [weights(U, 2), weights(2)]
    h5("masked.h5", sequential(layer("Embedding", "e", input_dim=TOKENS, output_dim=I, mask_zero=True), layer("LSTM", "l", units=U, recurrent_activation="sigmoid"),
                               layer("Dense", "d", units=2, activation="softmax")),
       {"e": [("e/embeddings:0", table)], "l": names("l/lstm_cell", w), "d": [("d/kernel:0", head[0]), ("d/bias:0", head[1])]}, compression="gzip")
    case("masked.h5", dense(head, run("LSTM", w, vectors, mask=mask)[-1:], "softmax"), tokens=tokens)
    a, b = rnn_weights(4), rnn_weights(4)
    archive("masked-both.keras", sequential(layer("Embedding", "e", input_dim=TOKENS, output_dim=I, mask_zero=True),
                                            layer("Bidirectional", "b", merge_mode="concat", layer=layer("LSTM", "inner", units=U, return_sequences=False))),
            {"layers/embedding": [table], "layers/bidirectional/forward_layer/cell": a, "layers/bidirectional/backward_layer/cell": b})
    case("masked-both.keras", [np.concatenate([run("LSTM", a, vectors, mask=mask)[-1], run("LSTM", b, vectors, backwards=True, mask=mask)[-1]])], tokens=tokens)

    norm = {"gamma": weights(U), "beta": weights(U), "mean": weights(U), "variance": abs(weights(U)) + np.float32(0.5)}
    w, spread = rnn_weights(1), [weights(U, 2), weights(2)]
    for scale in (True, False):
        arrays = ([norm["gamma"]] if scale else []) + [norm["beta"], norm["mean"], norm["variance"]]
        archive(f"norms-{scale}.keras", sequential(
            layer("SimpleRNN", "r", units=U, return_sequences=True), layer("BatchNormalization", "bn", epsilon=0.001, scale=scale), layer("Dropout", "drop", rate=0.3),
            layer("LayerNormalization", "ln", axis=[-1], epsilon=0.001), layer("TimeDistributed", "td", layer=layer("Dense", "inner", units=2, activation="tanh"))),
            {"layers/simple_rnn/cell": w, "layers/batch_normalization": arrays, "layers/layer_normalization": [norm["gamma"], norm["beta"]],
             "layers/time_distributed/layer": spread, "layers/dropout/seed_generator": [np.array([1, 2], "uint32")]})
        y = run("SimpleRNN", w, xs)
        y = (y - norm["mean"]) / np.sqrt(norm["variance"] + 0.001) * (norm["gamma"] if scale else 1) + norm["beta"]
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 0.001) * norm["gamma"] + norm["beta"]
        case(f"norms-{scale}.keras", dense(spread, y, "tanh"), xs)

    w, left, right = rnn_weights(4), [weights(U, 1), weights(1)], [weights(U, 3), weights(3)]
    heads = [layer("LSTM", "l", units=U, return_sequences=False, recurrent_activation="sigmoid"), layer("Dense", "price", units=1), layer("Dense", "mood", units=3, activation="softmax")]
    reads = {"in": [], "l": ["in"], "price": ["l"], "mood": ["l"]}

    def functional(form, outputs):
        layers = []
        for item in [layer("InputLayer", "in"), *heads]:
            name = item["config"]["name"]
            tensor = [{"class_name": "__keras_tensor__", "config": {"shape": [None, T, I], "dtype": "float32", "keras_history": [n, 0, 0]}} for n in reads[name]]
            nodes = [[[n, 0, 0, {}] for n in reads[name]]] if form == 2 else [{"args": tensor, "kwargs": {"training": False}}]
            layers.append({**item, "name": name, "inbound_nodes": nodes if reads[name] else []})
        ends = [[n, 0, 0] for n in outputs]
        return {"class_name": "Functional", "config": {"name": "m", "layers": layers, "input_layers": ["in", 0, 0] if form == 3 else [["in", 0, 0]],
                                                       "output_layers": ends[0] if form == 3 and len(ends) == 1 else ends}}

    y = run("LSTM", w, xs)[-1:]
    both = np.concatenate([dense(right, y, "softmax"), dense(left, y)], -1)
    archive("heads-3.keras", functional(3, ["mood", "price"]), {"layers/lstm/cell": w, "layers/dense": left, "layers/dense_1": right})
    case("heads-3.keras", both, xs)
    h5("heads-2.h5", functional(2, ["mood", "price"]), {"in": [], "l": names("l", w), "price": [("price/kernel:0", left[0]), ("price/bias:0", left[1])],
                                                        "mood": [("mood/kernel:0", right[0]), ("mood/bias:0", right[1])]}, split=True)
    case("heads-2.h5", both, xs)
    # What model.save("x.h5") of Keras 3 writes: variable-length strings, and names without ":0".
    h5("saved-by-3.h5", functional(3, ["price"]), {"in": [], "l": [(f"l/lstm_cell/{n}", a) for n, a in zip(("kernel", "recurrent_kernel", "bias"), w)],
                                                   "price": [("price/kernel", left[0]), ("price/bias", left[1])], "mood": [("mood/kernel", right[0]), ("mood/bias", right[1])]},
       version="3.5.0", fixed=False)
    case("saved-by-3.h5", dense(left, y), xs)
    two = rnn_weights(4, inputs=U)
    stack = sequential(layer("LSTM", "first", units=U, return_sequences=True), layer("LSTM", "second", units=U, return_sequences=True))
    archive("windows.keras", stack, {"_layer_checkpoint_dependencies/lstm/cell": w, "_layer_checkpoint_dependencies/lstm_1/cell": two}, version="2.13.1", separator="\\")
    case("windows.keras", run("LSTM", two, run("LSTM", w, xs, r="hard_sigmoid"), r="hard_sigmoid"), xs)
    (FOLDER / "config.json").write_text(json.dumps({"keras_version": "3.5.0", **stack}))
    (FOLDER / "only.weights.h5").write_bytes(variables({"layers/lstm/cell": w, "layers/lstm_1/cell": two}))
    case("only.weights.h5", run("LSTM", two, run("LSTM", w, xs)), xs)

    # Keras 1: an array for each gate; an LSTM's in the order i, c, f, o.
    for kind, gates, letters, order in (("LSTM", 4, "icfo", (0, 2, 1, 3)), ("GRU", 3, "zrh", (0, 1, 2))):
        w = rnn_weights(gates)
        parts = [np.split(array, gates, axis=-1) for array in w]
        arrays = [(f"old_{part}_{letter}", parts[p][gate]) for letter, gate in zip(letters, order) for p, part in enumerate("WUb")]
        old = {"class_name": "Sequential", "config": [layer(kind, "old", output_dim=U, return_sequences=True, inner_activation="hard_sigmoid", activation="tanh")]}
        h5(f"keras-1-{kind}.h5", old, {"old": arrays}, version="1.2.2")
        case(f"keras-1-{kind}.h5", run(kind, w, xs, r="hard_sigmoid"), xs)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    main()
    (FOLDER / "expected.json").write_text(json.dumps(cases) + "\n")
