"""Accuracy and flash of networks whose weights are bits, by method and number of bits.

    python3 table.py NNC SHARED > table.md

NNC is the program nnc, SHARED the folder of real models and data. Needs NumPy and a C compiler. Choices are made on
calibration images, accuracies are of other images.
"""
import ctypes, os, re, subprocess, sys, tempfile
import numpy as np

NNC, SHARED = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTIONS = ["-std=c99", "-O2", "-shared", "-fPIC", "-lm"]
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
    digits = np.load(f"{ROOT}/samples/digits/test.npz")
    x, y = digits["image"], digits["label"]
    yield (
        "digits", f"{ROOT}/samples/digits/digits.json", "image", (x[:100], y[:100]), {"100 images": (x[100:], y[100:])})


def build(model, options, folder, calibration):
    passes = ["--passes", "binarize{%s}" % options, "--calibration", calibration] if options is not None else []
    subprocess.run([NNC, "build", model, "-o", f"{folder}/net.c", "--report", f"{folder}/net.txt"] + passes,
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["clang", f"{folder}/net.c", "-o", f"{folder}/{len(os.listdir(folder))}.so"] + OPTIONS, check=True)
    newest = max((f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".so")), key=os.path.getmtime)
    report = open(f"{folder}/net.txt").read()
    return ctypes.CDLL(newest), open(f"{folder}/net.h").read(), report


def accuracy(library, header, x, y):
    size = lambda name: int(re.search(rf"{name} (\d+)", header)[1])
    arena = np.zeros(size("NET_ARENA_BYTES") + 64, np.uint8)
    base = arena.ctypes.data + -arena.ctypes.data % 64
    scores = np.zeros(10, np.float32)
    right = 0
    for image, label in zip(x, y):
        image = np.ascontiguousarray(image)
        status = library.net_run(
            ctypes.byref(ctypes.c_void_p(image.ctypes.data)), ctypes.byref(ctypes.c_void_p(scores.ctypes.data)),
            ctypes.c_void_p(base))
        assert status == 0
        right += int(scores.argmax() == label)
    return 100 * right / len(x)


def main():
    for name, model, input_name, (x, y), tests in networks():
        print(f"\n### {name}: {len(x)} calibration images\n")
        print("| method | flash of weights | " + " | ".join(tests) + " |")
        print("| --- | ---: |" + " ---: |" * len(tests), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/calibration.npz", **{input_name: x, "labels": y})
            for title, options in ROWS:
                library, header, report = build(model, options, folder, f"{folder}/calibration.npz")
                flash = re.search(r"flash +(\d+)", report)[1]
                found = [f"{accuracy(library, header, *test):.1f} %" for test in tests.values()]
                print(f"| {title} | {flash} | " + " | ".join(found) + " |", flush=True)


main()
