#!/usr/bin/env python3
"""Times inferences of the Open Inference Protocol, one after the other, with the tensor as JSON and as bytes.
usage: bench/tensors.py URL MODEL TIMESTEPS FEATURES; bench/tensors.sh starts the server and calls it. Python's standard library is enough."""
import http.client, json, random, statistics, struct, sys, time
from urllib.parse import urlparse

url, model, timesteps, features = urlparse(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
random.seed(7)
numbers = [struct.unpack("f", struct.pack("f", random.gauss(0, 1)))[0] for _ in range(timesteps * features)]


def request(data):
    tensor = {"name": "input", "shape": [1, timesteps, features], "datatype": "FP32", **data}
    return json.dumps({"inputs": [tensor], "parameters": {"return": "last"}}).encode()


header = request({"parameters": {"binary_data_size": 4 * len(numbers)}})
as_bytes = header + struct.pack(f"<{len(numbers)}f", *numbers)
as_json = request({"data": numbers})
forms = {
    "JSON": (as_json, {"Content-Type": "application/json"}),
    "bytes": (as_bytes, {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header))}),
}
connection = http.client.HTTPConnection(url.hostname, url.port)
times, replies = {name: [] for name in forms}, {}
for call in range(400):
    for name, (body, headers) in forms.items():        # in turn, so that both see the same machine
        begun = time.perf_counter()
        connection.request("POST", f"/v2/models/{model}/infer", body, headers)
        response = connection.getresponse()
        replies[name] = response.read()
        if response.status != 200:
            sys.exit(f"{name}: {response.status} {replies[name]}")
        if call >= 100:                                # the first warm the server up
            times[name].append(1000 * (time.perf_counter() - begun))

assert replies["JSON"] == replies["bytes"], "the two forms are answered differently"
print("| tensor | body, KiB | median, ms | p95, ms |\n| --- | ---: | ---: | ---: |")
for name, each in times.items():
    print(f"| {name} | {len(forms[name][0]) / 1024:.0f} | {statistics.median(each):.2f} | {statistics.quantiles(each, n=20)[18]:.2f} |")
print(f"\nJSON takes {statistics.median(times['JSON']) / statistics.median(times['bytes']):.1f} times as long.")
