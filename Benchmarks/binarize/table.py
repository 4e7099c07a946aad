"""Accuracy and flash of networks whose weights are bits, by method and number of bits.

    python3 table.py NNC SHARED > table.md

NNC is the program nnc, SHARED the folder of real models and data. Needs NumPy and a C compiler. Choices are made on
calibration images, accuracies are of other images.
"""
import pathlib, re, sys, tempfile
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, Compiled

NNC, SHARED = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ROWS = [
    ("float", None),
    ("sign, weights only", "method: sign, correct: false"),
    ("sign", "method: sign"),
    ("balanced", "method: balanced"),
    ("gpfq, 1 bit", "method: gpfq, bits: 1"),
    ("ternary", "method: ternary"),
    ("gpfq-ternary", "method: gpfq-ternary"),
    ("residual, 2 bits", "method: residual, bits: 2"),
    ("gpfq, 2 bits", "method: gpfq, bits: 2"),
    ("residual, 3 bits", "method: residual, bits: 3"),
    ("gpfq, 3 bits", "method: gpfq, bits: 3"),
    ("residual, 4 bits", "method: residual, bits: 4"),
    ("gpfq, 4 bits", "method: gpfq, bits: 4"),
    ("error: 0.2", "error: 0.2"),
    ("error: 0.1", "error: 0.1"),
    ("accuracy: 1", "accuracy: 1"),
]


def networks():
    images = np.load(f"{SHARED}/data/cifar10_test2000.npz")
    x, y = images["x"].astype(np.float32), images["y"].astype(np.int64)
    official = np.load(f"{SHARED}/data/mlperf_ic01.npz")
    # The official images are images of the same test set.
    known = {image.tobytes() for image in official["x"]}
    rest = [i for i in range(len(x)) if x[i].astype(np.uint8).tobytes() not in known]
    calibration, test = rest[:500], rest[500:1500]
    yield (
        "mlperf_resnet8_f32", f"{SHARED}/models/mlperf_resnet8_f32/model.onnx", "input",
        (x[calibration], y[calibration]),
        {f"{len(test)} images": (x[test], y[test]),
         "ic01": (official["x"].astype(np.float32), official["y"].astype(np.int64))})
    digits = np.load(f"{PROJECT}/samples/digits/test.npz")
    x, y = digits["image"], digits["label"]
    yield (
        "digits", f"{PROJECT}/samples/digits/digits.json", "image", (x[:100], y[:100]), {"100 images": (x[100:], y[100:])})


def main():
    for name, model, input_name, (x, y), tests in networks():
        print(f"\n### {name}: {len(x)} calibration images\n")
        print("| method | flash of weights | " + " | ".join(tests) + " |")
        print("| --- | ---: |" + " ---: |" * len(tests), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/calibration.npz", **{input_name: x, "labels": y})
            for title, options in ROWS:
                passes = ["--passes", "binarize{%s}" % options, "--calibration", f"{folder}/calibration.npz"] if options else []
                compiled = Compiled(NNC, model, folder, *passes)
                flash = re.search(r"flash +(\d+)", compiled.report)[1]
                found = [f"{100 * (compiled.answers(x) == y).mean():.1f} %" for x, y in tests.values()]
                print(f"| {title} | {flash} | " + " | ".join(found) + " |", flush=True)


main()
