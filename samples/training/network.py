"""A classifier in numpy, float32: layers in a row, each with its own backward pass, and a softmax behind the last."""

import numpy as np


class Dense:
    """Flattens, then multiplies by the transpose of `weight` [outputs, inputs] and adds `bias`."""

    def __init__(self, name, inputs, outputs, random):
        self.weight = random.normal(0, np.sqrt(1 / inputs), (outputs, inputs)).astype(np.float32)
        self.bias = np.zeros(outputs, np.float32)
        self.parameters = {f"{name}.weight": self.weight, f"{name}.bias": self.bias}

    def forward(self, x, training):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.x @ self.weight.T + self.bias

    def backward(self, dy):
        self.gradients = [dy.T @ self.x, dy.sum(axis=0)]
        return (dy @ self.weight).reshape(self.shape)


class Classifier:
    """The layers in order; `forward` gives the probabilities, `backward` takes the labels of the same batch."""

    def __init__(self, layers):
        self.layers = layers

    def parameters(self):
        return {name: value for layer in self.layers for name, value in layer.parameters.items()}

    def weights(self):
        """All that the exported model needs."""
        return self.parameters()

    def forward(self, x, training=False):
        for layer in self.layers:
            x = layer.forward(x, training)
        exponentials = np.exp(x - x.max(axis=1, keepdims=True))
        self.probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self.probabilities

    def backward(self, labels):
        """The gradients of the mean cross-entropy, in the order of `parameters`."""
        dy = (self.probabilities - np.eye(10, dtype=np.float32)[labels]) / np.float32(len(labels))
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return [gradient for layer in self.layers if layer.parameters for gradient in layer.gradients]
