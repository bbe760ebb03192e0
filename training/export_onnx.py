"""Writes small networks as ONNX the way PyTorch does, with PyTorch's outputs: tests/Engine.Tests/Files/onnx/torch.

    python training/export_onnx.py
"""

import json
import warnings
from pathlib import Path

import torch
from torch import nn

OUT = Path(__file__).parent.parent / "tests/Engine.Tests/Files/onnx/torch"
I, H, O, V, E, T, B = 3, 4, 5, 7, 6, 5, 2


class Net(nn.Module):
    """A recurrent layer, and what a case makes of its outputs."""

    def __init__(self, rnn, head, **parts):
        super().__init__()
        self.rnn = rnn
        self.head = head
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs):
        return self.head(self, *inputs)


class LearnedState(nn.Module):
    """A GRU that begins with a state it has learned."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(I, H, batch_first=True)
        self.h0 = nn.Parameter(torch.randn(1, 1, H))

    def forward(self, x):
        return self.rnn(x, self.h0.expand(-1, x.shape[0], -1).contiguous())[0]


def both_ends(net, x):
    y = net.rnn(x)[0]
    return net.out(torch.cat((y[:, -1, :H], y[:, 0, H:]), dim=1))


def flat(net, x):
    y = net.rnn(x)[0]
    return net.out(y.reshape(-1, H)).view(y.shape[0], y.shape[1], O)


def hidden(net, x):
    h = net.rnn(x)[1][0]
    return net.out(torch.cat((h[-2], h[-1]), dim=1))


def heads(net, x):
    y = net.rnn(x)[0][:, -1]
    return torch.softmax(net.classes(y), dim=-1), net.value(torch.tanh(net.out(y)))


def with_state(net, x, h, c):
    y, (h, c) = net.rnn(x, (h, c))
    return net.out(y), h, c


def one_step(net, x, h):
    y, h = net.rnn(x.unsqueeze(0), h)
    return net.out(y.squeeze(0)), h


def batch_norm(net, x):
    y = net.norm(net.rnn(x)[0].transpose(1, 2)).transpose(1, 2)
    return net.out(y)


def padded(net, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    y = nn.utils.rnn.pad_packed_sequence(net.rnn(packed)[0], batch_first=True)[0]
    return net.out(y)


def trained_norm(size):
    norm = nn.BatchNorm1d(size)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    norm.running_mean.normal_(), norm.running_var.uniform_(0.5, 2)
    return norm


def layer_norm(size):
    norm = nn.LayerNorm(size)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    return norm


def cases():
    """Name, network, inputs, and what is said to the exporter."""
    x, tokens = torch.randn(B, T, I), torch.randint(0, V, (B, T))
    out = lambda width=H: nn.Linear(width, O)
    y = lambda net, x: net.rnn(x)[0]
    first = dict(batch_first=True)
    both = dict(batch_first=True, bidirectional=True)
    fixed = dict(dynamic_axes=None)

    yield "lstm", Net(nn.LSTM(I, H), y), [torch.randn(T, B, I)], fixed
    yield "lstm-2-layers", Net(nn.LSTM(I, H, 2, **first), y), [x], {}
    yield "lstm-unfolded", Net(nn.LSTM(I, H, **first), y), [x], dict(do_constant_folding=False)
    yield "lstm-fixed-batch-of-1", Net(nn.LSTM(I, H, **both), lambda net, x: net.out(net.rnn(x)[0][:, -1]), out=out(2 * H)), [x[:1]], fixed
    yield "gru-2-layers-bidirectional", Net(nn.GRU(I, H, 2, **both), y), [x], {}
    yield "gru-double", Net(nn.GRU(I, H, **first), y).double(), [x.double()], {}
    yield "rnn-relu", Net(nn.RNN(I, H, nonlinearity="relu", **first), y), [x], {}
    yield "rnn-without-bias", Net(nn.RNN(I, H, bias=False), y), [torch.randn(T, B, I)], {}
    yield "embedding-lstm-linear", Net(nn.LSTM(E, H, **first), lambda net, x: net.out(net.rnn(net.embed(x))[0]), embed=nn.Embedding(V, E), out=out()), [tokens], {}
    yield "last-timestep", Net(nn.LSTM(I, H, **first), lambda net, x: net.out(net.rnn(x)[0][:, -1, :]), out=out()), [x], {}
    yield "last-timestep-by-length", Net(nn.LSTM(I, H, **first), lambda net, x: net.out(net.rnn(x)[0][:, x.shape[1] - 1]), out=out()), [x], {}
    yield "last-hidden-state", Net(nn.LSTM(I, H, 2, **first), lambda net, x: net.out(net.rnn(x)[1][0][-1]), out=out()), [x], {}
    yield "last-hidden-state-squeezed", Net(nn.GRU(I, H, **first), lambda net, x: net.out(net.rnn(x)[1].squeeze(0)), out=out()), [x], {}
    yield "both-hidden-states", Net(nn.LSTM(I, H, **both), hidden, out=out(2 * H)), [x], {}
    yield "both-ends", Net(nn.LSTM(I, H, **both), both_ends, out=out(2 * H)), [x], {}
    yield "directions-added", Net(nn.GRU(I, H, **both), lambda net, x: (lambda y: y[..., :H] + y[..., H:])(net.rnn(x)[0])), [x], {}
    yield "two-heads", Net(nn.LSTM(I, H, **first), heads, classes=out(), out=out(), value=nn.Linear(O, 1)), [x], {}
    yield "flat-linear", Net(nn.LSTM(I, H, **first), flat, out=out()), [x], {}
    yield "flat-linear-fixed", Net(nn.LSTM(I, H, **first), flat, out=out()), [x], fixed
    yield "layer-norm", Net(nn.GRU(I, H, **first), lambda net, x: net.out(net.norm(net.rnn(x)[0])), norm=layer_norm(H), out=out()), [x], {}
    yield "layer-norm-operator", Net(nn.GRU(I, H, **first), lambda net, x: net.out(net.norm(net.rnn(x)[0])), norm=layer_norm(H), out=out()), [x], dict(opset_version=17)
    yield "batch-norm", Net(nn.LSTM(I, H, **first), batch_norm, norm=trained_norm(H), out=out()), [x], {}
    yield "batch-norm-before", Net(nn.LSTM(I, H, **first), lambda net, x: net.rnn(net.norm(x.transpose(1, 2)).transpose(1, 2))[0], norm=trained_norm(I)), [x], {}
    yield "dense-before", Net(nn.LSTM(O, H, **first), lambda net, x: net.rnn(torch.relu(net.into(x)))[0], into=nn.Linear(I, O)), [x], {}
    yield "dropout-between", Net(nn.LSTM(I, H, 2, dropout=0.5, **first), lambda net, x: net.out(net.drop(net.rnn(x)[0])), drop=nn.Dropout(0.5), out=out()), [x], {}
    for name, f in dict(gelu=nn.GELU(), silu=nn.SiLU(), mish=nn.Mish(), relu6=nn.ReLU6(), elu=nn.ELU(0.7), selu=nn.SELU(), leaky=nn.LeakyReLU(0.2), softplus=nn.Softplus(),
                        softsign=nn.Softsign(), hardsigmoid=nn.Hardsigmoid(), hardtanh=nn.Hardtanh(), logsoftmax=nn.LogSoftmax(-1), prelu=nn.PReLU()).items():
        yield f"activation-{name}", Net(nn.RNN(I, H, **first), lambda net, x: net.two(net.f(net.one(net.rnn(x)[0]))), one=out(), f=f, two=nn.Linear(O, 2)), [x], {}
    yield "residual-dense", Net(nn.GRU(I, H, **first), lambda net, x: (lambda y: y + net.one(y))(net.rnn(x)[0]), one=nn.Linear(H, H)), [x], {}
    yield "with-state", Net(nn.LSTM(I, H, 2), with_state, out=out()), [torch.randn(T, 1, I), torch.randn(2, 1, H), torch.randn(2, 1, H)], fixed
    yield "one-step", Net(nn.GRU(I, H), one_step, out=out()), [torch.randn(1, I), torch.randn(1, 1, H)], fixed
    yield "learned-state", LearnedState(), [x], {}
    yield "series", Net(nn.LSTM(1, H, **first), lambda net, x: net.out(net.rnn(x.unsqueeze(-1))[0][:, -1]), out=nn.Linear(H, 1)), [torch.randn(B, T)], {}
    yield "without-batch", Net(nn.LSTM(I, H), y), [torch.randn(T, I)], fixed
    yield "padded", Net(nn.LSTM(I, H, **first), padded, out=out()), [x, torch.tensor([T, T])], {}


def flat_list(tensor):
    return dict(shape=list(tensor.shape), data=tensor.flatten().tolist())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    warnings.simplefilter("ignore")
    written = {}
    for name, net, inputs, options in cases():
        net.eval()
        with torch.no_grad():
            outputs = net(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        names = ["x", "h0", "c0"][: len(inputs)]
        axes = {"x": dict(enumerate(["batch", "time"]))} if getattr(getattr(net, "rnn"), "batch_first") else {"x": {0: "time", 1: "batch"}}
        options = {"dynamic_axes": axes, "opset_version": 13, **options}
        torch.onnx.export(net, tuple(inputs), str(OUT / f"{name}.onnx"), input_names=names,
                          output_names=["y", "hn", "cn"][: len(outputs)] if len(outputs) != 2 or name == "one-step" else ["classes", "value"], **options)
        written[name] = dict(batchFirst=net.rnn.batch_first, inputs=[flat_list(value) for value in inputs], outputs=[flat_list(value) for value in outputs])

    (OUT / "cases.json").write_text(json.dumps(written, separators=(",", ":")))
    print(len(written), "cases")


if __name__ == "__main__":
    main()
