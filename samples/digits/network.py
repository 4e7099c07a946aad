"""The layers of the digits network in numpy: float32, NCHW, each with its own backward pass."""

import numpy as np

from training.network import Classifier, Dense


class Convolution:
    """3x3, stride 1, padded by 1, so that the image keeps its size. No bias: the normalization after it has one."""

    def __init__(self, name, channels_in, channels_out, random):
        spread = np.sqrt(2 / (channels_in * 9))
        weight = random.normal(0, spread, (channels_out, channels_in, 3, 3)).astype(np.float32)
        self.parameters = {f"{name}.weight": weight}
        self.weight = weight

    def forward(self, x, training):
        n, c, h, w = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        self.columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)
        y = self.columns @ self.weight.reshape(len(self.weight), -1).T
        return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def backward(self, dy):
        n, c_out, h, w = dy.shape
        rows = dy.transpose(0, 2, 3, 1).reshape(-1, c_out)
        self.gradients = [(rows.T @ self.columns).reshape(self.weight.shape)]
        columns = (rows @ self.weight.reshape(c_out, -1)).reshape(n, h, w, -1, 3, 3)
        dx = np.zeros((n, columns.shape[3], h + 2, w + 2), np.float32)
        for i in range(3):
            for j in range(3):
                dx[:, :, i : i + h, j : j + w] += columns[..., i, j].transpose(0, 3, 1, 2)
        return dx[:, :, 1:-1, 1:-1]


class BatchNormalization:
    """Per channel: the batch's mean and variance in training, their running averages afterwards."""

    EPSILON = np.float32(1e-5)
    MOMENTUM = np.float32(0.95)

    def __init__(self, name, channels):
        self.scale = np.ones(channels, np.float32)
        self.bias = np.zeros(channels, np.float32)
        self.mean = np.zeros(channels, np.float32)
        self.variance = np.ones(channels, np.float32)
        self.parameters = {f"{name}.scale": self.scale, f"{name}.bias": self.bias}
        self.statistics = {f"{name}.mean": self.mean, f"{name}.variance": self.variance}

    def forward(self, x, training):
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            self.mean += (1 - self.MOMENTUM) * (mean - self.mean)
            self.variance += (1 - self.MOMENTUM) * (variance - self.variance)
        self.deviation = per_channel(np.sqrt(variance + self.EPSILON))
        self.normal = (x - per_channel(mean)) / self.deviation
        return self.normal * per_channel(self.scale) + per_channel(self.bias)

    def backward(self, dy):
        self.gradients = [(dy * self.normal).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))]
        dn = dy * per_channel(self.scale)
        along = per_channel((dn * self.normal).mean(axis=(0, 2, 3)))
        return (dn - per_channel(dn.mean(axis=(0, 2, 3))) - self.normal * along) / self.deviation


class Relu:
    parameters = {}

    def forward(self, x, training):
        self.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * self.positive


class MaxPool:
    """2x2, stride 2. Equal maxima, as blank paper gives them, share the gradient between them."""

    parameters = {}

    def forward(self, x, training):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
        y = blocks.max(axis=(3, 5), keepdims=True)
        largest = blocks == y
        self.shares = largest / largest.sum(axis=(3, 5), keepdims=True, dtype=x.dtype)
        return y[:, :, :, 0, :, 0]

    def backward(self, dy):
        n, c, h, w = dy.shape
        return (self.shares * dy[:, :, :, None, :, None]).reshape(n, c, 2 * h, 2 * w)


class Network(Classifier):
    """Two stages of convolution, and a dense layer."""

    def __init__(self, random):
        super().__init__([
            Convolution("conv1", 1, 12, random), BatchNormalization("norm1", 12), Relu(), MaxPool(),
            Convolution("conv2", 12, 24, random), BatchNormalization("norm2", 24), Relu(), MaxPool(),
            Dense("dense", 96, 10, random),
        ])

    def weights(self):
        """The parameters and the statistics of the normalizations."""
        statistics = [layer.statistics for layer in self.layers if isinstance(layer, BatchNormalization)]
        return self.parameters() | {name: value for part in statistics for name, value in part.items()}


def per_channel(values):
    return values[None, :, None, None]
