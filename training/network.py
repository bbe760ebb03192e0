"""The torch modules that the "layers" of a model.json describe: what is trained is what is served."""

import torch
from torch import nn

_ACTIVATIONS = {
    "none": nn.Identity(),
    "relu": nn.ReLU(),
    "tanh": nn.Tanh(),
    "sigmoid": nn.Sigmoid(),
    "softmax": nn.Softmax(dim=-1),
}


class Network(nn.Module):
    """A stack of layers; each module has the layer's name, so that state_dict() has the names of the weights file."""

    def __init__(self, layers, width):
        """width: the size of the vocabulary, or the number of network inputs of a feature vector."""
        super().__init__()
        self.width = width
        for index, layer in enumerate(layers):
            module = _module(layer, width)
            width = layer.get("size", layer.get("hiddenSize", width))
            self.add_module(layer.get("name", f"{layer['kind']}{index}"), module)

    def forward(self, inputs, states=None):
        """inputs: tokens [T, B] or vectors [T, B, I]. Returns the outputs [T, B, O] and the states by layer name."""
        modules = list(self.named_children())
        if not inputs.is_floating_point() and not isinstance(modules[0][1], nn.Embedding):
            inputs = nn.functional.one_hot(inputs, self.width).float()

        outputs, after = inputs, {}
        for name, module in modules:
            if isinstance(module, nn.RNNBase):
                outputs, after[name] = module(outputs, states and states[name])
            else:
                outputs = module(outputs)
        return outputs, after


class Dense(nn.Linear):
    def __init__(self, width, layer):
        super().__init__(width, layer["size"], layer.get("bias", True))
        self.activation = _ACTIVATIONS[layer.get("activation", "none")]

    def forward(self, inputs):
        return self.activation(super().forward(inputs))


class ResetBeforeGru(nn.GRU):
    """The GRU of the paper, whose reset gate stands before the recurrent product; torch has only the other one."""

    def forward(self, inputs, states=None):
        if states is None:
            states = inputs.new_zeros(self.num_layers, inputs.shape[1], self.hidden_size)
        finals = []
        for (w_ih, w_hh, b_ih, b_hh), h in zip(self.all_weights, states):
            w_hr, w_hz, w_hn = w_hh.chunk(3)
            b_hr, b_hz, b_hn = b_hh.chunk(3)
            outputs = []
            for x_r, x_z, x_n in (step.chunk(3, dim=-1) for step in inputs @ w_ih.t() + b_ih):
                r = torch.sigmoid(x_r + h @ w_hr.t() + b_hr)
                z = torch.sigmoid(x_z + h @ w_hz.t() + b_hz)
                n = torch.tanh(x_n + (r * h) @ w_hn.t() + b_hn)
                h = (1 - z) * n + z * h
                outputs.append(h)
            inputs = torch.stack(outputs)
            finals.append(h)
        return inputs, torch.stack(finals)


def _module(layer, width):
    kind = layer["kind"]
    if kind == "embedding":
        return nn.Embedding(width, layer["size"])
    if kind == "dropout":
        return nn.Dropout(layer["rate"])
    if kind == "dense":
        return Dense(width, layer)

    sizes = {
        "input_size": width,
        "hidden_size": layer["hiddenSize"],
        "num_layers": layer.get("layers", 1),
        "bias": layer.get("bias", True),
    }
    if kind == "elman":
        return nn.RNN(**sizes, nonlinearity=layer.get("activation", "tanh"))
    if kind == "lstm":
        return nn.LSTM(**sizes)
    return nn.GRU(**sizes) if layer.get("resetAfter", True) else ResetBeforeGru(**sizes)
