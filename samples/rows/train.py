"""Trains the rows sample and writes the model and its weights beside this file.

    python3 train.py

Needs numpy and scikit-learn, nothing else. One thread and fixed seeds: a rerun with the same versions on the same kind
of processor writes the same bytes.
"""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))  # training

from training import data, optimization  # before numpy
from training.model_files import node, write_model

import numpy as np

from network import Network

SEED = 1


def nodes():
    return [
        node("GRU", "gru", ["row", "gru.W", "gru.R", "gru.B"], ["gru", "hidden"],
             hidden_size=Network.HIDDEN, linear_before_reset=1),
        node("Flatten", "flat", ["hidden"], axis=2),
        node("Gemm", "scores", ["flat", "dense.weight", "dense.bias"], transB=1),
        node("Softmax", "probabilities", ["scores"], axis=-1),
    ]


def main():
    random = np.random.default_rng(SEED)
    network = Network(random)
    train_images, train_labels, images, labels = data.load()
    optimization.train(network, train_images, train_labels, random,
                       epochs=120, batch_size=32, learning_rate=1e-2, weight_decay=0.01)
    optimization.print_accuracy(network, images, labels)
    write_model(FOLDER, "rows", {"row": [1, 1, 8]}, nodes(), network.weights())


if __name__ == "__main__":
    main()
