"""Trains the digits sample and writes the model, its weights and its test set beside this file.

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

from network import BatchNormalization, Network

SEED = 1


def stage(number, source):
    """Convolution, normalization, activation and pooling."""
    conv, norm, relu, pool = (f"{kind}{number}" for kind in ("conv", "norm", "relu", "pool"))
    statistics = [f"{norm}.{part}" for part in ("scale", "bias", "mean", "variance")]
    epsilon = float(f"{BatchNormalization.EPSILON:.6g}")
    return [
        node("Conv", conv, [source, f"{conv}.weight"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("BatchNormalization", norm, [conv] + statistics, epsilon=epsilon),
        node("Relu", relu, [norm]),
        node("MaxPool", pool, [relu], kernel_shape=[2, 2], strides=[2, 2]),
    ]


def nodes():
    return stage(1, "image") + stage(2, "pool1") + [
        node("Flatten", "flat", ["pool2"]),
        node("Gemm", "scores", ["flat", "dense.weight", "dense.bias"], transB=1),
        node("Softmax", "probabilities", ["scores"], axis=-1),
    ]


def main():
    random = np.random.default_rng(SEED)
    network = Network(random)
    train_images, train_labels, images, labels = data.load()
    optimization.train(network, train_images, train_labels, random,
                       epochs=120, batch_size=32, learning_rate=1e-2, weight_decay=0.1)
    probabilities = optimization.print_accuracy(network, images, labels)

    write_model(FOLDER, "digits", {"image": [1, 1, 8, 8]}, nodes(), network.weights())
    np.savez(FOLDER / "test.npz", image=images, label=labels, probabilities=probabilities)
    # The same test set for main.c, which has no reader for npz: all images, then one byte for each label.
    (FOLDER / "test.bin").write_bytes(images.astype("<f4").tobytes() + labels.astype(np.uint8).tobytes())


if __name__ == "__main__":
    main()
