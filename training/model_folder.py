"""Writes and reads the files of a model folder: model.safetensors and model.json."""

import json
import struct
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent

_DTYPES = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}


def write_model(folder, manifest, tensors):
    """Writes model.json and model.safetensors into folder, which is made if need be."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / manifest["weights"], tensors)
    write_json(folder / "model.json", manifest)


def write_json(path, value):
    Path(path).write_text(_indented(value) + "\n", encoding="utf-8")


def _indented(value, indent=""):
    """JSON with short objects and whole vectors on one line each, which keeps a model.json readable."""
    line = json.dumps(value, ensure_ascii=False)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if len(indent + line) <= 120 or not any(isinstance(child, (dict, list)) for child in children):
        return line

    inner = indent + "  "
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {_indented(child, inner)}" for key, child in value.items()]
        begin, end = "{}"
    else:
        items = [_indented(child, inner) for child in value]
        begin, end = "[]"
    return f"{begin}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{end}"


def write_safetensors(path, tensors):
    """Writes tensors, a dict of name -> numpy array. An array of uint16 holds the bits of bfloat16 values."""
    names = {dtype: name for name, dtype in _DTYPES.items()}
    header, blobs, offset = {}, [], 0
    for name, array in tensors.items():
        blob = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)

    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data begins at a multiple of 8
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path):
    """The tensors of a file that write_safetensors wrote, as float32 arrays by name."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[begin:end], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        tensors[name] = array.astype(np.float32)
    return tensors


def state_dict_arrays(module):
    """The weights of a torch module as float32 numpy arrays under PyTorch's names."""
    return {name: tensor.detach().float().numpy() for name, tensor in module.state_dict().items()}


def rounded(values):
    """A nested list of floats with the nine significant digits that identify a float32."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        return float(f"{float(array):.9g}")
    return [rounded(row) for row in array]
