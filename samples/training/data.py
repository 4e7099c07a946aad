"""The handwritten digits: 1797 images of 8x8 pixels."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SPLIT_SEED = 1
TEST_IMAGES = 200
LARGEST_SHIFT = 0.5  # pixels


def load():
    """Training images and labels, test images and labels; the images [n, 1, 8, 8] with 0 for paper and 1 for ink."""
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    labels = digits.target.astype(np.int64)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_IMAGES, random_state=SPLIT_SEED, stratify=labels)
    return images[train], labels[train], images[test], labels[test]


def shifted(images, random):
    """Each image moved by its own random part of a pixel, up and down and sideways; what it leaves behind is paper."""
    for axis in (2, 3):
        shift = random.uniform(-LARGEST_SHIFT, LARGEST_SHIFT, (len(images), 1, 1, 1)).astype(np.float32)
        padded = np.pad(images, [(0, 0), (0, 0)] + [(1, 1) if a == axis else (0, 0) for a in (2, 3)])
        before, after = (np.take(padded, np.arange(8) + offset, axis) for offset in (0, 2))
        images = images * (1 - np.abs(shift)) + before * np.maximum(shift, 0) + after * np.maximum(-shift, 0)
    return images
