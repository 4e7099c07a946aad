"""The binary network in PyTorch."""

import torch
from torch.nn import functional

from trees import signs

CHANNELS = [32, 64, 64, 64]  # of the convolutions
POOLED = (2, 4)  # the convolutions before a max pool, counted from 1
PIXELS = 4 * 4  # what the convolutions and pools leave of an image of 28x28
CLASSES = 10


class Sign(torch.autograd.Function):
    """+1 and -1. The gradient passes where the operand is in [-1, 1], as if nothing had been rounded there."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return signs(x)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x.abs() <= 1)


def latent(*shape):
    """Weights of which the network uses the signs, except in the first convolution."""
    return torch.nn.Parameter(torch.empty(shape).uniform_(-0.1, 0.1))


class Network(torch.nn.Module):
    """Four 3x3 convolutions and a dense layer. A pool comes before the normalization: so it is one of whole sums."""

    def __init__(self):
        super().__init__()
        shapes = zip([1] + CHANNELS, CHANNELS)
        self.convs = torch.nn.ParameterList(latent(outputs, inputs, 3, 3) for inputs, outputs in shapes)
        self.norms = torch.nn.ModuleList(torch.nn.BatchNorm2d(channels) for channels in CHANNELS)
        self.dense = latent(CLASSES, CHANNELS[-1] * PIXELS)
        self.norm = torch.nn.BatchNorm1d(CLASSES)

    def hidden(self):
        """The latent weights of the convolutions of bits, without the first, whose data are pixels."""
        return list(self.convs)[1:]

    def forward(self, x):
        for number, (weight, norm) in enumerate(zip(self.convs, self.norms), start=1):
            x = functional.conv2d(x, weight if number == 1 else Sign.apply(weight))
            if number in POOLED:
                x = functional.max_pool2d(x, 2)
            x = Sign.apply(norm(x))
        return self.norm(x.flatten(1) @ Sign.apply(self.dense).T)

    def clip(self):
        """Keeps latent weights in [-1, 1]: one far outside could not change its sign any more."""
        for weight in self.hidden() + [self.dense]:
            weight.data.clamp_(-1, 1)
