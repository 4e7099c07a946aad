"""Trains the language model on a text, and writes the model, validation text and calibration data beside this file.

    python3 train.py tinyshakespeare.txt

Needs PyTorch and numpy. One thread and a fixed seed. The first 90 % of the text train; the rest is for validation.

The loss is the cross-entropy and nothing else: that most neurons are 0 comes of the ReLU alone.
"""

import argparse
import pathlib
import time

import numpy as np
import torch
from torch.nn import functional

import export
from network import CONTEXT, Network

FOLDER = pathlib.Path(__file__).resolve().parent
SEED = 1
STEPS = 6000
WARMUP = 100  # steps
BATCH = 32  # windows
LEARNING_RATE = 6e-3
DECAY = 0.1  # of matrices
WINDOW = CONTEXT + 1  # characters: each is the target of the one before it
VALID_WINDOWS = 64  # in valid.txt
CALIBRATION_WINDOWS = 128


class Text:
    """A text as numbers of characters, in two parts."""

    def __init__(self, path):
        text = path.read_text()
        self.characters = sorted(set(text))
        numbers = {character: number for number, character in enumerate(self.characters)}
        tokens = torch.tensor([numbers[character] for character in text])
        self.training, self.validation = tokens.split([len(text) * 9 // 10, len(text) - len(text) * 9 // 10])

    def batch(self, count, length=WINDOW):
        """Windows of the training part, from anywhere."""
        starts = torch.randint(len(self.training) - length + 1, (count, 1))
        return self.training[starts + torch.arange(length)]

    def validation_windows(self):
        """All windows of the validation part, none overlapping another."""
        count = len(self.validation) // WINDOW
        return self.validation[: count * WINDOW].view(count, WINDOW)

    def string(self, tokens):
        return "".join(self.characters[token] for token in tokens.flatten())


def entropy(logits, windows):
    """Nats a character."""
    return functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


def optimizer_of(network):
    """AdamW, with decay for matrices only."""
    matrices = [weight for weight in network.parameters() if weight.ndim == 2]
    vectors = [weight for weight in network.parameters() if weight.ndim == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.99))


def train(network, text):
    """The learning rate rises during the first steps and falls to zero along half a cosine."""
    optimizer = optimizer_of(network)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / WARMUP) * (1 + np.cos(np.pi * step / STEPS)) / 2
    )
    for step in range(STEPS):
        windows = text.batch(BATCH)
        logits, _ = network(windows[:, :-1])
        optimizer.zero_grad()
        entropy(logits, windows).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
        schedule.step()
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}: {describe(network, text.validation_windows()[::4])}", flush=True)


@torch.no_grad()
def measure(network, windows):
    """The mean loss, and for each block the share of neurons that are 0."""
    loss, zeros = 0, 0
    for part in windows.split(BATCH):
        logits, neurons = network(part[:, :-1])
        loss += entropy(logits, part) * len(part)
        zeros += torch.stack([(hidden == 0).float().mean() for hidden in neurons]) * len(part)
    return loss / len(windows), zeros / len(windows)


def describe(network, windows):
    loss, zeros = measure(network, windows)
    return f"loss {loss:.4f}, zeros {' '.join(f'{share:.1%}' for share in zeros)}"


def main():
    parser = argparse.ArgumentParser(description="Trains the language model of this sample on a text.")
    parser.add_argument("text", type=pathlib.Path, help="tinyshakespeare.txt")
    text = Text(parser.parse_args().text)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    np.savez(FOLDER / "calibration.npz", tokens=text.batch(CALIBRATION_WINDOWS, CONTEXT).numpy())
    windows = text.validation_windows()
    (FOLDER / "valid.txt").write_text(text.string(windows[:VALID_WINDOWS]))

    start = time.process_time()
    network = Network(len(text.characters))
    train(network, text)
    print(f"{time.process_time() - start:.0f} s of training")
    network.round_to_half()
    print(f"validation: {describe(network, windows)}")
    print(f"valid.txt: loss {measure(network, windows[:VALID_WINDOWS])[0]:.6f}")
    export.write_model(FOLDER, "charlm", network)


if __name__ == "__main__":
    main()
