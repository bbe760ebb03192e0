"""Writes tests/Engine.Tests/Files/hdf5: files with every part of HDF5 that the engine reads, what h5py reads in them, and
files that must be refused.

    python3 training/export_hdf5.py
"""

import json
import shutil
import zlib

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

from model_folder import ROOT

FOLDER = ROOT / "tests/Engine.Tests/Files/hdf5"


def numbers(*shape):
    return (np.arange(np.prod(shape, dtype=int)).reshape(shape) * 0.25 - 3).astype(np.float32)


def texts(file):
    """String attributes of every kind."""
    file.attrs["variable"] = "héllo"
    file.attrs["empty"] = ""
    file.attrs.create("ascii", "plain", dtype=h5py.string_dtype("ascii"))
    file.attrs["fixed"] = np.bytes_(b"fixed")
    file.attrs.create("fixed_utf8", "né".encode(), dtype=h5py.string_dtype("utf-8", 8))
    file.attrs["fixed_array"] = np.array([b"kernel:0", b"bias"], dtype="S8")
    file.attrs.create("variable_array", ["a", "", "längere"], dtype=h5py.string_dtype())
    file.attrs["none"] = []
    file.attrs["null"] = h5py.Empty("S1")
    file.attrs["number"] = 7


def types(file):
    for name in ("f2", "f4", "f8"):
        file[name] = numbers(3, 5).astype(name)
    file["scalar"] = np.float32(1.5)
    file["no_values"] = np.zeros((0, 4), np.float32)
    file["i8"] = np.arange(4)
    file["flag"] = np.array([True, False])
    file["record"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])
    file["text"] = "a string"
    file["big_endian"] = numbers(3).astype(">f4")
    bits = (numbers(3, 2).view(np.uint32) >> 16).astype(np.uint16)
    file["bfloat16_keras"] = bits.view("V2")
    file["bfloat16_keras"].attrs["dtype"] = "bfloat16"
    bfloat16 = h5t.IEEE_F32LE.copy()
    bfloat16.set_fields(15, 7, 8, 0, 7)
    bfloat16.set_size(2)
    bfloat16.set_ebias(127)
    dataset = h5d.create(file.id, b"bfloat16", bfloat16, h5s.create_simple((3, 2)))
    dataset.write(h5s.ALL, h5s.ALL, bits, mtype=bfloat16)


def groups(file):
    few = file.create_group("few")
    few.create_group("layers\\gru\\cell/vars")["0"] = numbers(2)
    shared = file.create_dataset("shared", data=numbers(2))
    many = file.create_group("many")
    for i in range(12):
        many.create_group(f"layer_{i}")["kernel"] = numbers(i + 1)
    crowd = file.create_group("crowd")
    for i in range(700):
        crowd[f"link_{i}"] = shared


def attributes(file):
    """More attributes than a header keeps."""
    for i in range(200):
        file.attrs[f"name_{i}"] = f"value {i}"


def long_attribute(file):
    file.attrs["long"] = np.bytes_(b"0123456789" * 1000)
    attributes(file)


def ordered(file):
    group = file.create_group("ordered", track_order=True)
    for i in reversed(range(10)):
        group[f"w{i}"] = numbers(1)
        group.attrs[f"a{i}"] = "text"


def compact(file):
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_layout(h5d.COMPACT)
    dataset = h5d.create(file.id, b"compact", h5t.IEEE_F32LE, h5s.create_simple((3, 4)), properties)
    dataset.write(h5s.ALL, h5s.ALL, numbers(3, 4))


def chunks(file):
    def add(name, shape, chunk, **options):
        file.create_dataset(name, data=numbers(*shape), chunks=chunk, **options)

    add("plain", (7, 9), (4, 5))
    add("line", (100,), (1,))
    add("cube", (5, 6, 7), (2, 4, 3), compression="gzip")
    add("shuffled", (20, 30), (8, 30), compression="gzip", shuffle=True)
    add("checked", (20, 31), (7, 31), compression="gzip", shuffle=True, fletcher32=True)
    add("checked_alone", (5, 3), (2, 3), fletcher32=True)
    add("single", (6, 7), (6, 7))
    add("single_gzip", (6, 7), (6, 7), compression="gzip")
    file.create_dataset("doubles", data=numbers(9, 9).astype("f8"), chunks=(4, 4), compression="gzip", shuffle=True)
    holes = file.create_dataset("holes", (8, 8), "f4", chunks=(3, 3), compression="gzip")
    holes[3:6, 3:6] = numbers(3, 3)
    file.create_dataset("unwritten", (4, 4), "f4", chunks=(2, 2))
    file.create_dataset("unwritten_contiguous", (4, 4), "f4")
    file.create_dataset("filled", (4, 4), "f4", chunks=(2, 2), fillvalue=1.5)[:] = numbers(4, 4)


def early(file):
    """Chunks that are allocated before they are written, which the newest library finds without an index."""
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_chunk((3, 4))
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    dataset = h5d.create(file.id, b"early", h5t.IEEE_F32LE, h5s.create_simple((7, 9)), properties)
    dataset.write(h5s.ALL, h5s.ALL, numbers(7, 9))


def paged(file):
    file.create_dataset("paged", data=numbers(3000), chunks=(1,))
    sparse = file.create_dataset("sparse", (5000,), "f4", chunks=(1,))
    sparse[2500:2503] = [1, 2, 3]


def growing(file):
    file.create_dataset("growing", data=numbers(30), chunks=(64,), maxshape=(None,), compression="gzip")


CASES = {
    "texts": texts,
    "types": types,
    "groups": groups,
    "attributes": attributes,
    "ordered": ordered,
    "compact": compact,
    "chunks": chunks,
}


def describe(file):
    """What h5py reads in a file: strings by group and name, and floats by path."""
    found = {"texts": [], "datasets": []}

    def visit(path, thing):
        if isinstance(thing, h5py.Group):
            found["texts"] += [[path, name, values] for name in thing.attrs if (values := strings(thing.attrs, name)) is not None]
        elif isinstance(thing, h5py.Dataset):
            found["datasets"].append({"path": path, "shape": list(thing.shape), "values": floats(thing)})
            return
        else:
            return
        for name in thing:
            visit([*path, name], thing[name])

    # A name may hold a slash only in a path; h5py made groups of it.
    visit([], file)
    return found


def strings(attributes, name):
    kind = attributes.get_id(name)
    if isinstance(attributes[name], h5py.Empty) or h5py.check_string_dtype(kind.dtype) is None and kind.shape != (0,):
        return None
    values = attributes[name]
    text = lambda value: value.decode() if isinstance(value, bytes) else str(value)
    return text(values) if kind.shape == () else [text(value) for value in values]


def floats(dataset):
    kind = dataset.dtype
    if kind == np.dtype("V2"):
        values = (dataset[()].view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    elif kind.kind == "f" and kind.byteorder != ">":
        values = dataset[()]
    else:
        return None
    return [float(x) for x in np.asarray(values, np.float32).ravel()]


def hostile(folder):
    """Files whose values are elsewhere, lead back to themselves or are not there."""

    def write(name, fill, **options):
        with h5py.File(folder / f"{name}.h5", "w", **options) as file:
            fill(file)

    def soft(file):
        file["real"] = numbers(2)
        file["w"] = h5py.SoftLink("/real")

    def cycle(file):
        group = file.create_group("w")
        group.create_group("below")["w"] = group

    def deep(file):
        file.create_group("/".join("g" * 40))["w"] = numbers(1)

    def virtual(file):
        layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "w", shape=(4,))
        file.create_virtual_dataset("w", layout)

    def external(file):
        file.create_dataset("w", (4,), "f4", external=[("/etc/passwd", 0, 16)])

    def diamonds(file):
        group = file.create_group("w")
        for _ in range(31):
            below = group.create_group("a")
            group["b"] = below
            group = below

    def bomb(file):
        dataset = file.create_dataset("w", (6, 7), "f4", chunks=(6, 7), compression="gzip")
        dataset.id.write_direct_chunk((0, 0), zlib.compress(bytes(1 << 24)))

    def short(file):
        dataset = file.create_dataset("w", (6, 7), "f4", chunks=(6, 7), compression="gzip")
        dataset.id.write_direct_chunk((0, 0), zlib.compress(bytes(160)))

    for suffix, options in (("", {}), ("-latest", {"libver": "latest"})):
        write(f"soft-link{suffix}", soft, **options)
        write(f"external-link{suffix}", lambda file: file.__setitem__("w", h5py.ExternalLink("other.h5", "/w")), **options)
        write(f"external-storage{suffix}", external, **options)
        write(f"cycle{suffix}", cycle, **options)
        write(f"deep{suffix}", deep, **options)
        write(f"diamonds{suffix}", diamonds, **options)
        write(f"huge{suffix}", lambda file: file.create_dataset("w", (2**34,), "f4"), **options)
        write(f"huge-chunks{suffix}", lambda file: file.create_dataset("w", (2**20, 2**20), "f4", chunks=(2**10, 2**10), compression="gzip"), **options)
        write(f"absurd-chunks{suffix}", lambda file: file.create_dataset("w", (3,), "f4", chunks=(2**29,), maxshape=(2**30,), compression="gzip"), **options)
        write(f"two-gibibytes{suffix}", lambda file: file.create_dataset("w", (2**29,), "f4"), **options)
        write(f"bomb{suffix}", bomb, **options)
        write(f"short{suffix}", short, **options)
        write(f"fill{suffix}", lambda file: file.create_dataset("w", (4,), "f4", fillvalue=1.5), **options)
        write(f"lzf{suffix}", lambda file: file.create_dataset("w", data=numbers(64), chunks=(64,), compression="lzf"), **options)
        write(f"integers{suffix}", lambda file: file.__setitem__("w", np.arange(4)), **options)
        write(f"big-endian{suffix}", lambda file: file.__setitem__("w", numbers(4).astype(">f4")), **options)
    write("virtual", virtual, libver="latest")
    write("growing", lambda file: file.create_dataset("w", data=numbers(9), chunks=(4,), maxshape=(None,)), libver="latest")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "refused").mkdir(parents=True)
    expected = {}
    cases = [(f"{name}-{version}", fill, version) for name, fill in CASES.items() for version in ("earliest", "latest")]
    cases += [("early-latest", early, "latest"), ("paged-latest", paged, "latest"), ("growing-earliest", growing, "earliest")]
    cases += [("attributes-long", long_attribute, "latest"), ("compact-v108", compact, ("v108", "v108"))]
    for name, fill, version in cases:
        path = FOLDER / f"{name}.h5"
        with h5py.File(path, "w", libver=version) as file:
            fill(file)
        with h5py.File(path) as file:
            expected[path.name] = describe(file)
    (FOLDER / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    hostile(FOLDER / "refused")
    (FOLDER / "README.md").write_text(README.format(version=h5py.version.version, hdf5=h5py.version.hdf5_version), encoding="utf-8")
    print(f"{len(expected)} files in {FOLDER.relative_to(ROOT)}")


README = """# HDF5 files

Written by `python3 training/export_hdf5.py` with h5py {version} and HDF5 {hdf5}, with the oldest and the newest structures that
it knows. Don't edit them: change the script and run it again. They are our own work, under the project's licence.

`expected.json` holds what h5py reads in each: the string attributes as [group, name, value], and the shapes and values of the
datasets (null where the engine reads no floats). `refused` holds files that must not be read.
"""

if __name__ == "__main__":
    main()
