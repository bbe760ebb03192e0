"""Writes small Keras models as the versions of Keras lay them out, and what Keras's equations give for them.

    python3 training/export_keras_layouts.py

Writes tests/Engine.Tests/Files/keras/layouts. Keras itself is not needed: h5py and zipfile write the files, and keras_equations.py
computes the outputs in float64. Random weights, fixed seed.

The layouts, by the version that writes them:
  keras1   Keras 1.2 .h5: output_dim, inner_activation, an array for each gate, no ":0"
  keras2   Keras 2.2 .h5: model_weights/<layer>/<name>:0, names as fixed strings
  tf2      tf.keras 2.4 to 2.15 .h5: names as variable strings, a part "lstm_cell" in the paths
  tf2zip   tf.keras 2.15 .keras: layers/<class>_<n>; 2.12 to 2.14: _layer_checkpoint_dependencies/<class>_<n>, where n counts a
           layer with weights twice, because it is there twice (layer_with_weights-0 and layer-0)
  keras3   Keras 3 .keras: layers/<class>_<n>/.../vars/<n>
  keras3h5 Keras 3 .h5: as tf2, but weights are called by their paths, sequential/lstm/lstm_cell/kernel
"""
import io
import json
import re
import shutil
import zipfile

import h5py
import numpy as np

import keras_equations
from keras_equations import GATES, width_of
from model_folder import ROOT

FOLDER = ROOT / "tests/Engine.Tests/Files/keras/layouts"
FEATURES, UNITS, TIMESTEPS, VOCABULARY = 3, 4, 6, 7
RANDOM = np.random.default_rng(7)
VERSIONS = {"keras1": "1.2.2", "keras2": "2.2.4", "tf2": "2.15.0", "tf2zip": "2.15.0", "keras3": "3.8.0", "keras3h5": "3.8.0"}
MAJOR = {"keras1": 1, "keras2": 2, "tf2": 2, "tf2zip": 2, "keras3": 3, "keras3h5": 3}
cases = []


def layer(kind, name=None, **config):
    return {"kind": kind, "name": name or snake(kind), "config": config, "weights": {}}


def snake(name):
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def draw(*shape):
    return (RANDOM.standard_normal(shape) * 0.5).astype(np.float32)


def build(one, width):
    """Draws a layer's weights, by their names and in Keras's order; those of a wrapper are under what they belong to."""
    kind, config = one["kind"], one["config"]
    if kind in GATES:
        gates, units = GATES[kind], config["units"]
        one["weights"] = {"kernel": draw(width, gates * units), "recurrent_kernel": draw(units, gates * units)}
        if kind.startswith("CuDNN"):
            one["weights"]["bias"] = draw(2 * gates * units)
        elif config.get("use_bias", True):
            one["weights"]["bias"] = draw(2, 3 * units) if config.get("reset_after") else draw(gates * units)
    elif kind == "Dense":
        one["weights"] = {"kernel": draw(width, config["units"])}
        if config.get("use_bias", True):
            one["weights"]["bias"] = draw(config["units"])
    elif kind == "Embedding":
        one["weights"] = {"embeddings": draw(config["input_dim"], config["output_dim"])}
    elif kind in ("BatchNormalization", "LayerNormalization"):
        one["weights"] = {key: draw(width) for key, flag in (("gamma", "scale"), ("beta", "center")) if config.get(flag, True)}
        if kind == "BatchNormalization":
            one["weights"].update(moving_mean=draw(width), moving_variance=np.abs(draw(width)) + np.float32(0.3))
    elif kind == "Bidirectional":
        one["backward"] = layer(config["layer"]["kind"], "backward_" + config["layer"]["name"], **config["layer"]["config"])
        build(config["layer"], width)
        build(one["backward"], width)
    elif kind == "TimeDistributed":
        build(config["layer"], width)
    return width_of(one, width)


def parts(one):
    """The parts of a layer that hold weights: (path in .keras, path in .h5, weights)."""
    kind = one["kind"]
    if kind == "Bidirectional":
        inner = one["config"]["layer"]
        return [("forward_layer/cell", f"forward_{inner['name']}/{snake(inner['kind'])}_cell", inner["weights"]),
                ("backward_layer/cell", f"backward_{inner['name']}/{snake(inner['kind'])}_cell", one["backward"]["weights"])]
    if kind == "TimeDistributed":
        return [("layer", "", one["config"]["layer"]["weights"])]
    return [("cell", snake(kind) + "_cell", one["weights"])] if kind in GATES else [("", "", one["weights"])]


# ---- configurations ----

def configuration(one, version):
    kind, config = one["kind"], {"name": one["name"], "trainable": True, **one["config"]}
    major = MAJOR[version]
    if kind in GATES:
        config.setdefault("return_sequences", False)
        config.setdefault("go_backwards", False)
        if not kind.startswith("CuDNN"):
            config.setdefault("activation", "tanh")
            if kind != "SimpleRNN":
                config.setdefault("recurrent_activation", "sigmoid")
            if version not in ("keras1", "keras2") and kind == "GRU":
                config.setdefault("reset_after", False)
            config.setdefault("use_bias", True)
        if version.startswith("tf2"):
            config["time_major"] = False
        if major == 3:
            config["zero_output_for_mask"] = False
        if major == 1:
            config["output_dim"] = config.pop("units")
            config.pop("use_bias")
            if "recurrent_activation" in config:
                config["inner_activation"] = config.pop("recurrent_activation")
    elif kind == "Dense":
        config.setdefault("activation", "linear")
        if major == 1:
            config["output_dim"] = config.pop("units")
    elif kind in ("Bidirectional", "TimeDistributed"):
        inner = config["layer"]
        config["layer"] = element(inner if kind == "TimeDistributed" or major < 3 else {**inner, "name": "forward_" + inner["name"]}, version)
        if kind == "Bidirectional" and major == 3:
            config["backward_layer"] = element(one["backward"], version)
            config["backward_layer"]["config"]["go_backwards"] = True
    elif kind in ("BatchNormalization", "LayerNormalization"):
        config.setdefault("epsilon", 1e-3)
        config.setdefault("axis", [2] if version.startswith("tf2") else -1)
        config.setdefault("scale", True)
        config.setdefault("center", True)
    elif kind == "InputLayer":
        shape = config.pop("shape")
        config["batch_shape" if major == 3 else "batch_input_shape"] = [None, *shape]
    config["dtype"] = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None} if major == 3 else "float32"
    return config


def element(one, version):
    result = {"class_name": one["kind"], "config": configuration(one, version)}
    if version in ("tf2zip", "keras3", "keras3h5"):
        result = {"module": "keras.layers", **result, "registered_name": None}
    return result


def sequential(layers, version):
    listed = [element(one, version) for one in layers]
    config = listed if version in ("keras1", "keras2") else {"name": "sequential", "layers": listed}
    return wrapped("Sequential", config, version)


def wrapped(name, config, version):
    model = {"class_name": name, "config": config}
    return {"module": "keras", **model, "registered_name": None} if version in ("tf2zip", "keras3", "keras3h5") else model


def functional(layers, reads, outputs, version):
    """`reads` says whose output each layer reads, by name."""
    listed = []
    for one in layers:
        source = reads.get(one["name"])
        if source is None:
            nodes = []
        elif MAJOR[version] == 3:
            tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, None, 1], "dtype": "float32", "keras_history": [source, 0, 0]}}
            nodes = [{"args": [tensor], "kwargs": {"training": False, "mask": None}}]
        else:
            nodes = [[[source, 0, 0, {}]]]
        listed.append({**element(one, version), "name": one["name"], "inbound_nodes": nodes})
    single = len(outputs) == 1 and MAJOR[version] == 3
    return wrapped("Functional" if version not in ("keras1", "keras2") else "Model", {
        "name": "functional", "layers": listed, "input_layers": [layers[0]["name"], 0, 0] if MAJOR[version] == 3 else [[layers[0]["name"], 0, 0]],
        "output_layers": [outputs[0], 0, 0] if single else [[output, 0, 0] for output in outputs]}, version)


# ---- files ----

def attribute(group, name, values, version, chunk=None):
    """Strings as each version writes them; a list above 64 KiB is written in parts, here from `chunk` strings on."""
    dtype = h5py.string_dtype() if version.startswith("tf2") or version == "keras3h5" else None

    def write(key, some):
        if not some:
            group.attrs[key] = []
        elif dtype is None:
            group.attrs[key] = np.array([value.encode() for value in some])
        else:
            group.attrs.create(key, some, dtype=dtype)

    if chunk is None:
        write(name, values)
    else:
        for part, start in enumerate(range(0, len(values), chunk)):
            write(f"{name}{part}", values[start:start + chunk])


def gates_apart(one):
    """Keras 1: W, U and b of each gate; an LSTM's in the order i, c, f, o."""
    weights, count, name = one["weights"], GATES[one["kind"]], one["name"]
    order, letters = ([0, 2, 1, 3], "ifco") if count == 4 else ([0, 1, 2], "zrh")
    split = {key: np.split(value, count, axis=-1) for key, value in weights.items()}
    return [(f"{name}_{letter}_{letters[gate]}", split[key][gate])
            for gate in order for key, letter in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))]


def names_and_arrays(one, version):
    if version == "keras1":
        if one["kind"] == "Bidirectional":
            inner = one["config"]["layer"]
            return gates_apart({**inner, "name": "forward_" + inner["name"]}) + gates_apart(one["backward"])
        if one["kind"] in ("LSTM", "GRU"):
            return gates_apart(one)
        letters = {"kernel": "W", "recurrent_kernel": "U", "bias": "b"}
        return [(f"{one['name']}_{letters.get(key, key)}", value) for key, value in one["weights"].items()]
    result = []
    for _, path, weights in parts(one):
        path = re.sub("/?[a-z_]+_cell$", "", path) if version == "keras2" else path
        start = "sequential/" if version == "keras3h5" else ""
        end = "" if version == "keras3h5" else ":0"
        result += [(f"{start}{one['name']}/{path + '/' if path else ''}{key}{end}", value) for key, value in weights.items()]
    return result


def write_h5(file, model, layers, version, chunk=None, **options):
    """model_config and model_weights; only the weights if there is no model."""
    file.attrs["keras_version"] = VERSIONS[version] if version != "keras2" else np.bytes_(VERSIONS[version])
    file.attrs["backend"] = "tensorflow"
    weights = file
    if model is not None:
        text = json.dumps(model)
        file.attrs["model_config"] = text if version != "keras2" else np.bytes_(text)
        weights = file.create_group("model_weights")
    attribute(weights, "layer_names", [one["name"] for one in layers], version, chunk)
    for one in layers:
        group = weights.create_group(one["name"])
        listed = names_and_arrays(one, version)
        attribute(group, "weight_names", [name for name, _ in listed], version, chunk)
        for name, value in listed:
            group.create_dataset(name, data=value, track_times=False, **options)


def write_variables(file, layers, folder="layers", separator="/"):
    used = {}
    for one in layers:
        if one["kind"] == "InputLayer" and folder != "layers":
            continue
        kind = snake(one["kind"])
        used[kind] = used.get(kind, -1) + 1
        name = separator.join([folder, kind if used[kind] == 0 else f"{kind}_{used[kind]}"])
        if folder != "layers" and any(weights for _, _, weights in parts(one)):
            used[kind] += 1
        file.create_group(name + "/vars")
        for part, _, weights in parts(one):
            path = separator.join([name, *part.split("/")] if part else [name])
            for number, value in enumerate(weights.values()):
                file.create_dataset(f"{path}/vars/{number}", data=value, track_times=False)
    file.create_group("vars")
    file.create_dataset("optimizer/vars/0", data=np.int64(3), track_times=False)


def zipped(path, model, layers, version, **options):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        write_variables(file, layers, **options)
    # Keras stores the entries as they are.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if path.stem == "stack" else zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("metadata.json", json.dumps({"keras_version": VERSIONS[version], "date_saved": "2024-01-01@00:00:00"})),
                              ("config.json", json.dumps(model)), ("model.weights.h5", stream.getvalue())):
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, archive.compression)


# ---- cases ----

def inputs_of(layers):
    first = next(one for one in layers if one["kind"] != "InputLayer")
    if first["kind"] == "Embedding":
        tokens = RANDOM.integers(1, VOCABULARY, TIMESTEPS)
        if first["config"].get("mask_zero"):
            tokens[[1, 4, 5]] = 0
        return tokens.tolist()
    x = draw(TIMESTEPS, FEATURES)
    if first["kind"] == "Masking":
        x[[2, 4, 5]] = first["config"]["mask_value"]
        x[0, 0] = first["config"]["mask_value"]
    return x.tolist()


def record(name, layers, inputs, version, reads=None, outputs=None):
    """Computes the outputs; of a functional model those of each output layer, one beside the other."""
    computed, masks, before = {}, {}, None
    for one in layers:
        source = (reads or {}).get(one["name"], before)
        x, mask = (np.array(inputs), None) if source is None else (computed[source], masks[source])
        computed[one["name"]], masks[one["name"]] = keras_equations.run(one, x, mask, MAJOR[version])
        before = one["name"]
    outputs = outputs or [before]
    cases.append({
        "file": name, "inputs": inputs, "masked": any(mask is not None for mask in masks.values()),
        "heads": [] if len(outputs) < 2 else [[output, int(computed[output].shape[-1])] for output in outputs],
        "outputs": np.concatenate([np.atleast_2d(computed[output]) for output in outputs], axis=-1).tolist()})


def case(name, layers, version="tf2", reads=None, outputs=None, h5=None, archive=None, beside=None):
    if version in ("keras1", "keras2"):                       # the default until tf.keras
        for one in layers:
            inner = one["config"].get("layer", one)
            if inner["kind"] in ("LSTM", "GRU"):
                inner["config"].setdefault("recurrent_activation", "hard_sigmoid")
    width = FEATURES
    for one in layers:
        width = widths(one, layers, reads or {}, width)
    model = sequential(layers, version) if reads is None else functional(layers, reads, outputs, version)
    listed = [one for one in layers if one["kind"] != "InputLayer"] if reads is None else layers
    if name.endswith(".keras"):
        zipped(FOLDER / name, model, listed, version, **(archive or {}))
    elif beside:
        with h5py.File(FOLDER / name, "w") as file:
            write_variables(file, listed) if version == "keras3" else write_h5(file, None, listed, version)
        (FOLDER / beside).write_text(json.dumps(model))
    else:
        # Keras writes the earliest structures of HDF5, which take ten times the space of these weights; most files have the latest.
        with h5py.File(FOLDER / name, "w", libver="earliest" if re.match("stack.h5|stack-compressed|lstm.h5|keras1-lstm", name) else "latest") as file:
            write_h5(file, model, sorted(listed, key=lambda one: one["name"]) if version == "keras3h5" else listed, version, **(h5 or {}))
    record(name, layers, inputs_of(layers), version, reads, outputs)


def widths(one, layers, reads, width):
    """Builds a layer over what it reads, and notes how wide that makes it."""
    source = reads.get(one["name"])
    below = next((other for other in layers if other["name"] == source), None)
    one["width"] = build(one, below["width"] if below else width)
    return one["width"]


def recurrent():
    for kind, extra in (("LSTM", {}), ("GRU", {"reset_after": False}), ("GRU", {"reset_after": True}), ("SimpleRNN", {})):
        short = snake(kind).replace("simple_rnn", "rnn") + {True: "-after", False: "-before", None: ""}[extra.get("reset_after")]
        for version, ending in (("tf2", "h5"), ("keras3", "keras")):
            case(f"{short}.{ending}", [layer(kind, units=UNITS, return_sequences=True, **extra)], version)
        case(f"{short}-no-bias.h5", [layer(kind, units=UNITS, use_bias=False, return_sequences=True, **extra)])
        for sequences in (False, True):
            case(f"{short}-backwards{'-sequences' if sequences else ''}.keras",
                 [layer(kind, units=UNITS, go_backwards=True, return_sequences=sequences, **extra), layer("Dense", units=2)], "keras3")
    for kind in ("CuDNNLSTM", "CuDNNGRU"):
        case(f"{snake(kind).replace('_', '')}.h5", [layer(kind, units=UNITS, return_sequences=True)], "keras2")
    case("cudnn-both.h5", [layer("Bidirectional", layer=layer("CuDNNLSTM", units=UNITS, return_sequences=True), merge_mode="concat")], "keras2")


def bidirectional():
    for kind, mode, sequences in ((k, m, s) for k in ("LSTM", "GRU") for m in ("concat", "sum", "mul", "ave") for s in (False, True)
                                if k == "LSTM" or s or m == "concat"):
        version = {"concat": "keras3", "sum": "tf2", "mul": "keras2", "ave": "tf2zip"}[mode]
        inner = layer(kind, units=UNITS, return_sequences=sequences, **({"reset_after": True} if kind == "GRU" and version != "keras2" else {}))
        case(f"both-{kind.lower()}-{mode}{'-sequences' if sequences else ''}.{'keras' if version in ('keras3', 'tf2zip') else 'h5'}",
             [layer("Bidirectional", layer=inner, merge_mode=mode), layer("Dense", units=2)], version)


def activations():
    for names in (("elu", "selu", "softsign", "softplus"), ("gelu", "swish", "leaky_relu", "mish"), ("relu", "relu6", "softmax", "log_softmax"), ("exponential",)):
        stack = []
        for name in names:
            stack += [layer("SimpleRNN", f"rnn_{name}", units=UNITS, activation="tanh" if name == "exponential" else name, return_sequences=True),
                      layer("Dense", f"dense_{name}", units=3, activation=name)]
        case(f"activation-{'-'.join(names)}.keras", stack, "keras3")
    for version, ending in (("keras2", "h5"), ("tf2", "h5"), ("tf2zip", "keras"), ("keras3", "keras"), ("keras3h5", "h5")):
        case(f"hard-sigmoid-{version}.{ending}", [layer("LSTM", units=UNITS, recurrent_activation="hard_sigmoid", return_sequences=True),
                                                  layer("Dense", units=2, activation="hard_sigmoid")], version)
    case("gates-elu.h5", [layer("LSTM", units=UNITS, activation="elu", recurrent_activation="softsign", return_sequences=True),
                          layer("GRU", units=UNITS, activation="softplus", recurrent_activation="hard_sigmoid", return_sequences=True)])
    case("activation-layers.keras", [
        layer("LSTM", units=UNITS, return_sequences=True), layer("LeakyReLU", negative_slope=0.25), layer("Dense", units=3),
        layer("ELU", alpha=0.7), layer("Dense", "dense_1", units=3), layer("ReLU", max_value=6.0, negative_slope=0.0, threshold=0.0),
        layer("Dense", "dense_2", units=3), layer("Activation", activation="softmax")], "keras3")
    # Keras 2.2 writes what numpy made of a number.
    case("relu-of-arrays.h5", [layer("LSTM", units=UNITS, return_sequences=True),
                               layer("ReLU", max_value=None, negative_slope={"type": "ndarray", "value": 0.25}, threshold={"type": "ndarray", "value": 0.0})], "keras2")


def masks():
    embedding = {"input_dim": VOCABULARY, "output_dim": FEATURES}
    case("embedding.keras", [layer("Embedding", **embedding), layer("GRU", units=UNITS, reset_after=True)], "keras3")
    for version, ending in (("tf2", "h5"), ("keras3", "keras")):
        case(f"mask-zero.{ending}", [layer("Embedding", mask_zero=True, **embedding), layer("LSTM", units=UNITS), layer("Dense", units=2)], version)
        case(f"mask-zero-both.{ending}", [layer("Embedding", mask_zero=True, **embedding),
                                          layer("Bidirectional", layer=layer("LSTM", units=UNITS), merge_mode="concat"), layer("Dense", units=2)], version)
        case(f"masking.{ending}", [layer("Masking", mask_value=-1.0), layer("LSTM", units=UNITS, return_sequences=True), layer("Dropout", rate=0.5),
                                   layer("LSTM", "lstm_1", units=UNITS), layer("Dense", units=2)], version)
    case("mask-backwards.keras", [layer("Masking", mask_value=0.0), layer("GRU", units=UNITS, reset_after=True, go_backwards=True)], "keras3")


def norms():
    for scale, center in ((True, True), (False, True), (True, False), (False, False)):
        name = f"{'' if scale else '-no-scale'}{'' if center else '-no-center'}"
        for version, ending in ((("tf2", "h5"), ("keras3", "keras")) if not name else (("keras3", "keras"),)):
            case(f"batch-norm{name}.{ending}", [layer("LSTM", units=UNITS, return_sequences=True),
                                                layer("BatchNormalization", scale=scale, center=center, epsilon=0.01)], version)
        if scale or center:                                   # without either the file does not tell the width
            case(f"layer-norm{name}.keras", [layer("LSTM", units=UNITS, return_sequences=True), layer("LayerNormalization", scale=scale, center=center, epsilon=0.02)], "keras3")
    for version, ending in (("keras2", "h5"), ("tf2", "h5"), ("keras3", "keras")):
        case(f"time-distributed-{version}.{ending}", [layer("LSTM", units=UNITS, return_sequences=True),
                                                      layer("TimeDistributed", layer=layer("Dense", "inner", units=2, activation="relu"))], version)


def graphs():
    def stack(**more):
        return [layer("LSTM", units=UNITS, return_sequences=True), layer("Dropout", rate=0.3), layer("LSTM", "lstm_1", units=5, return_sequences=True, **more),
                layer("Dropout", "dropout_1", rate=0.3), layer("LSTM", "lstm_2", units=3), layer("Dense", units=4, activation="relu"), layer("Dense", "dense_1", units=2)]

    case("stack.h5", stack(), "tf2")
    case("stack.keras", stack(), "keras3")
    case("stack-counted-twice.keras", stack(), "tf2zip", archive={"folder": "_layer_checkpoint_dependencies"})
    case("stack-backslashes.keras", stack()[2:], "tf2zip", archive={"separator": "\\"})
    case("stack-counted-twice-backslashes.keras", stack(), "tf2zip", archive={"folder": "_layer_checkpoint_dependencies", "separator": "\\"})
    case("stack-of-lists-in-parts.h5", stack()[4:], "keras2", h5={"chunk": 2})
    case("stack-compressed.h5", stack()[4:6], "tf2", h5={"compression": "gzip", "chunks": True, "shuffle": True})
    case("stack-alone.weights.h5", stack(recurrent_activation="hard_sigmoid")[2:], "keras3", beside="stack-alone.config.json")
    case("stack-weights-2.h5", stack(recurrent_activation="hard_sigmoid")[2:], "tf2", beside="stack-weights-2.json")
    case("nested-names.h5", [layer("LSTM", "encoder/first", units=UNITS, return_sequences=True), layer("Dense", "encoder/head/out", units=2)], "tf2")
    for version, ending in (("keras2", "h5"), ("tf2zip", "keras"), ("keras3", "keras"), ("keras3h5", "h5")):
        chain = [layer("InputLayer", "input", shape=[None, FEATURES]), *stack()]
        case(f"chain-{version}.{ending}", chain, version, {b["name"]: a["name"] for a, b in zip(chain, chain[1:])}, ["dense_1"])
        for through in (False, True) if version in ("keras2", "keras3") else (False,):
            heads = [layer("InputLayer", "input", shape=[None, FEATURES]), layer("GRU", units=UNITS, return_sequences=True), layer("Dense", "size", units=2),
                     layer("Dense", "kind", units=3, activation="softmax")]
            case(f"heads{'-through' if through else ''}-{version}.{ending}", heads, version,
                 {"gru": "input", "size": "gru", "kind": "size" if through else "gru"}, ["kind", "size"])
    heads = [layer("InputLayer", "input", shape=[None, FEATURES]), layer("LSTM", units=UNITS), layer("Dense", "a", units=2), layer("Dropout", rate=0.1),
             layer("LayerNormalization", axis=-1)]
    case("heads-one-without-dense.keras", heads, "keras3", {"lstm": "input", "a": "lstm", "dropout": "lstm", "layer_normalization": "dropout"},
         ["layer_normalization", "a"])


def first():
    for kind in ("LSTM", "GRU", "SimpleRNN"):
        case(f"keras1-{kind.lower()}.h5", [layer(kind, units=UNITS, return_sequences=True), layer("Dense", units=2)], "keras1")
    case("keras1-both.h5", [layer("Bidirectional", layer=layer("LSTM", units=UNITS, return_sequences=True), merge_mode="sum"), layer("Dense", units=2)], "keras1")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for group in (recurrent, bidirectional, activations, masks, norms, graphs, first):
        group()
    text = json.dumps(cases).replace('{"file"', '\n{"file"')
    (FOLDER / "expected.json").write_text(re.sub(r"(\.\d{9})\d+", r"\1", text) + "\n")
    print(len(cases), "cases,", sum(path.stat().st_size for path in FOLDER.iterdir()), "bytes")


if __name__ == "__main__":
    main()
