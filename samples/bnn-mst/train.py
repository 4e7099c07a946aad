"""Trains the binary network on Fashion-MNIST, with and without the loss that makes rows alike, and writes both models and
a slice of the test set beside this file.

    python3 train.py [--data FOLDER] [--only plain|mst]

Needs PyTorch and numpy, and the four files of Fashion-MNIST. One thread and a fixed seed: the networks differ in nothing but
the loss.

The loss has two parts. That of the paper (see trees.py) is a factor times the distance of each row of latent weights from the
nearest of a few centres, or from its negative. The other is a factor times the cost of the present tree, which is what
counts in the end: rows stay near the neighbours that they have anyway. For a weight both are constant forces, so
that it differs only where the gradient of the task is stronger.
"""

import argparse
import gzip
import pathlib
import struct
import time

import numpy as np
import torch
from torch.nn import functional

import export
import trees
from network import Network

FOLDER = pathlib.Path(__file__).resolve().parent
DATA = "/usr/share/datasets/fashion-mnist"  # where Debian's package dataset-fashion-mnist has it
SEED = 1
EPOCHS = 3
BATCH = 64
LEARNING_RATE = 5e-3
STRENGTHS = {"plain": [], "mst": [2e-6, 6e-6]}  # of the pulls to the centres and along the trees
CENTRES = 4  # of each layer
UPDATE_PERIOD = 20  # steps
TEST_SLICE = 500


def read_idx(path):
    """The numbers of a file in the format of MNIST: a magic number that ends in the count of axes, the extents, bytes."""
    content = gzip.decompress(path.read_bytes())
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape).copy())


class Data:
    """Images and labels of one part, `train` or `t10k`."""

    def __init__(self, folder, part):
        self.pixels = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
        self.labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz").long()

    def images(self, indices):
        """[n, 1, 28, 28], 0 for the background and 1 for the brightest."""
        return self.pixels[indices][:, None] / 255


def ratios(network):
    """The cost of the trees, as parts of the weights: for each hidden convolution, and last for all of them."""
    layers = [weight.detach().flatten(1) for weight in network.hidden()]
    costs = [trees.tree_ratio(rows) * rows.numel() for rows in layers]
    each = [cost / rows.numel() for cost, rows in zip(costs, layers)]
    return each + [sum(costs) / sum(rows.numel() for rows in layers)]


class Likeness:
    """The loss that makes the rows of the hidden convolutions alike."""

    def __init__(self, weights, to_centres, along_trees):
        self.parts = [(to_centres, trees.Centres(weight, CENTRES)) for weight in weights]
        self.parts += [(along_trees, trees.Tree(weight)) for weight in weights]

    def loss(self, step):
        if step % UPDATE_PERIOD == 0:
            for _, part in self.parts:
                part.update()
        return sum(strength * part.distance() for strength, part in self.parts)


def train(network, data, likeness):
    """Adam, the learning rate falling to zero along half a cosine."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    steps = len(data.labels) // BATCH
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * steps)
    for epoch in range(1, EPOCHS + 1):
        batches = torch.randperm(len(data.labels))[: steps * BATCH].split(BATCH)
        mean = sum(step(network, data, batch, likeness, optimizer, schedule) for batch in batches) / steps
        print(f"epoch {epoch}: loss {mean:.4f}, tree ratio {ratios(network)[-1]:.3f}", flush=True)


def step(network, data, batch, likeness, optimizer, schedule):
    """Learns from one batch; returns its cross-entropy."""
    entropy = functional.cross_entropy(network(data.images(batch)), data.labels[batch])
    optimizer.zero_grad()
    (entropy + likeness.loss(schedule.last_epoch) if likeness else entropy).backward()
    optimizer.step()
    schedule.step()
    network.clip()
    return entropy.item()


@torch.no_grad()
def right(network, data):
    """Which images the network reads as they are labelled."""
    network.eval()
    parts = torch.arange(len(data.labels)).split(500)
    return torch.cat([network(data.images(part)).argmax(dim=1) for part in parts]) == data.labels


def make(name, folder):
    """Trains one network, prints what it is worth and writes it."""
    torch.manual_seed(SEED)
    start = time.time()
    network = Network()
    likeness = Likeness(network.hidden(), *STRENGTHS[name]) if STRENGTHS[name] else None
    train(network, Data(folder, "train"), likeness)
    seconds = time.time() - start
    correct = right(network, Data(folder, "t10k"))
    print(f"{name}: {int(correct.sum())} of {len(correct)} right, of those in test.bin {int(correct[:TEST_SLICE].sum())}")
    print(f"{name}: tree ratios {' '.join(f'{r:.3f}' for r in ratios(network))}; {seconds:.0f} s of training", flush=True)
    export.write_model(FOLDER, name, network)


def write_test_slice(data):
    """The first test images for main.c: all pixels, a byte each, then one byte for each label."""
    labels = data.labels[:TEST_SLICE].byte()
    (FOLDER / "test.bin").write_bytes(data.pixels[:TEST_SLICE].numpy().tobytes() + labels.numpy().tobytes())


def main():
    parser = argparse.ArgumentParser(description="Trains the binary networks of this sample on Fashion-MNIST.")
    parser.add_argument("--data", type=pathlib.Path, default=DATA, help="the folder of its .gz files, %(default)s by default")
    parser.add_argument("--only", choices=STRENGTHS, help="trains one network, and leaves the files of the other as they are")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    write_test_slice(Data(arguments.data, "t10k"))
    for name in [arguments.only] if arguments.only else STRENGTHS:
        make(name, arguments.data)


if __name__ == "__main__":
    main()
