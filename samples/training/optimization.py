"""The training of a classifier."""

import numpy as np

from training.data import shifted


class Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019); biases and scales do not decay."""

    def __init__(self, parameters, weight_decay):
        self.parameters = parameters
        self.weight_decay = weight_decay
        self.means = [np.zeros_like(p) for p in parameters]
        self.squares = [np.zeros_like(p) for p in parameters]
        self.steps = 0

    def step(self, gradients, rate):
        self.steps += 1
        for p, g, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean += np.float32(0.1) * (g - mean)
            square += np.float32(0.001) * (g * g - square)
            direction = mean / np.float32(1 - 0.9**self.steps)
            size = np.sqrt(square / np.float32(1 - 0.999**self.steps)) + np.float32(1e-8)
            decay = np.float32(self.weight_decay if p.ndim > 1 else 0)
            p -= np.float32(rate) * (direction / size + decay * p)


def train(network, images, labels, random, *, epochs, batch_size, learning_rate, weight_decay):
    """Passes `epochs` times over the images, the learning rate falling to zero along half a cosine."""
    optimizer = Adam(list(network.parameters().values()), weight_decay)
    batches = len(images) // batch_size
    for epoch in range(epochs):
        order = random.permutation(len(images))
        loss = 0
        for batch in np.split(order[: batches * batch_size], batches):
            probabilities = network.forward(shifted(images[batch], random), training=True)
            loss -= np.log(probabilities[np.arange(batch_size), labels[batch]] + 1e-9).mean() / batches
            progress = optimizer.steps / (epochs * batches)
            optimizer.step(network.backward(labels[batch]), learning_rate * (1 + np.cos(np.pi * progress)) / 2)
        if (epoch + 1) % 20 == 0:
            print(f"epoch {epoch + 1:3}: training loss {loss:.4f}")


def print_accuracy(network, images, labels):
    """The size of the network, and how many of the test images it gets right; returns the probabilities."""
    probabilities = network.forward(images)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    assert all(a.dtype == np.float32 for a in [probabilities, *network.weights().values()])
    print(f"{sum(w.size for w in network.weights().values())} weights")
    print(f"Accuracy: {right} of {len(labels)} ({100 * right / len(labels):.1f} %)")
    return probabilities
