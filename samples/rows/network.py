"""The recurrent network in numpy: float32, each layer with its own backward pass."""

import numpy as np

from training.network import Classifier, Dense


class Rows:
    """An image [n, 1, 8, 8] as the sequence of its rows, [8, n, 8]."""

    parameters = {}

    def forward(self, x, training):
        return x[:, 0].transpose(1, 0, 2)

    def backward(self, dy):
        return dy.transpose(1, 0, 2)[:, None]


class GRU:
    """A gated recurrent unit (Cho et al., 2014) as ONNX defines it with linear_before_reset: the steps are the first axis, the
    gates z, r and h lie one behind the other, and the reset gate is applied behind the product. Gives the last state."""

    def __init__(self, name, inputs, hidden, random):
        spread = np.sqrt(1 / hidden)
        self.w = random.uniform(-spread, spread, (1, 3 * hidden, inputs)).astype(np.float32)
        self.r = random.uniform(-spread, spread, (1, 3 * hidden, hidden)).astype(np.float32)
        self.b = np.zeros((1, 6 * hidden), np.float32)
        self.hidden = hidden
        self.parameters = {f"{name}.W": self.w, f"{name}.R": self.r, f"{name}.B": self.b}

    def forward(self, x, training):
        bias_w, bias_r = np.split(self.b[0], 2)
        h = np.zeros((x.shape[1], self.hidden), np.float32)
        self.steps = []
        for row in x:
            from_input = np.split(row @ self.w[0].T + bias_w, 3, axis=1)
            from_state = np.split(h @ self.r[0].T + bias_r, 3, axis=1)
            z, r = (sigmoid(from_input[gate] + from_state[gate]) for gate in (0, 1))
            candidate = np.tanh(from_input[2] + r * from_state[2])
            self.steps.append((row, h, z, r, candidate, from_state[2]))
            h = (1 - z) * candidate + z * h
        return h

    def backward(self, dh):
        """Through time: from the last step to the first."""
        self.gradients = [np.zeros_like(p) for p in self.parameters.values()]
        dw, dr, db = self.gradients
        dx = []
        for row, h, z, r, candidate, recurrent in reversed(self.steps):
            d_candidate = dh * (1 - z) * (1 - candidate * candidate)
            d_reset = d_candidate * recurrent * r * (1 - r)
            d_update = dh * (h - candidate) * z * (1 - z)
            d_input = np.concatenate([d_update, d_reset, d_candidate], axis=1)
            d_state = np.concatenate([d_update, d_reset, d_candidate * r], axis=1)
            dw[0] += d_input.T @ row
            dr[0] += d_state.T @ h
            db[0] += np.concatenate([d_input.sum(axis=0), d_state.sum(axis=0)])
            dx.append(d_input @ self.w[0])
            dh = dh * z + d_state @ self.r[0]
        return np.stack(dx[::-1])


class Network(Classifier):
    """A recurrent layer over the rows, and a dense layer on what it knows after the last."""

    HIDDEN = 32

    def __init__(self, random):
        super().__init__([Rows(), GRU("gru", 8, self.HIDDEN, random), Dense("dense", self.HIDDEN, 10, random)])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
