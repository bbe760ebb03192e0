"""Times PyTorch's LSTM on one thread. usage: torch_lstm.py INPUTS,HIDDEN,LAYERS,BATCH,TIMESTEPS ...
Prints its version, then the median of each in microseconds."""
import sys
import time
import torch

torch.set_num_threads(1)
print(torch.__version__)
for work in sys.argv[1:]:
    inputs, hidden, layers, batch, timesteps = map(int, work.split(","))
    lstm = torch.nn.LSTM(inputs, hidden, layers).eval()
    x = torch.rand(timesteps, batch, inputs)
    with torch.inference_mode():
        state = lstm(x)[1]
        times = []
        end = time.perf_counter() + 1.5
        while time.perf_counter() < end or len(times) < 5:
            start = time.perf_counter()
            state = lstm(x, state)[1]
            times.append(time.perf_counter() - start)
    print(sorted(times)[len(times) // 2] * 1e6, flush=True)
