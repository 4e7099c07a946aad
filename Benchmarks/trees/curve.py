"""Accuracy of a binary network by how much of its additions trees of channels leave, for docs/measured/mst-reorder.md.

    python3 curve.py NNC SHARED > ../../docs/measured/mst-reorder.md

NNC is the program nnc, SHARED the folder of real models and data. Needs NumPy and a C compiler. Weights are inverted by what
calibration images show; accuracies are of all images, and of those that were not used for calibration.
"""
import ctypes, os, re, subprocess, sys, tempfile
import numpy as np

NNC, SHARED = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
OPTIONS = ["-std=c99", "-O2", "-shared", "-fPIC", "-lm"]
FLIPS = [None, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]
CALIBRATION = 500


def build(model, flip, folder):
    passes = ["--passes", f"mst-reorder{{flip: {flip}}}", "--calibration", f"{folder}/calibration.npz"] if flip else []
    name = f"{folder}/{len(os.listdir(folder))}.so"
    subprocess.run([NNC, "build", model, "-o", f"{folder}/net.c", "--report", f"{folder}/net.txt"] + passes,
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["clang", f"{folder}/net.c", "-o", name] + OPTIONS, check=True)
    return ctypes.CDLL(name), open(f"{folder}/net.h").read(), open(f"{folder}/net.txt").read()


def answers(library, header, images):
    size = lambda name: int(re.search(rf"{name} (\d+)", header)[1])
    arena = np.zeros(size("NET_ARENA_BYTES") + 64, np.uint8)
    base = arena.ctypes.data + -arena.ctypes.data % 64
    scores, found = np.zeros(10, np.float32), []
    for image in images:
        image = np.ascontiguousarray(image)
        status = library.net_run(
            ctypes.byref(ctypes.c_void_p(image.ctypes.data)), ctypes.byref(ctypes.c_void_p(scores.ctypes.data)),
            ctypes.c_void_p(base))
        assert status == 0
        found.append(scores.argmax())
    return np.array(found)


def trees(report):
    """The share of additions that is left in layers with trees: by each channel alone, in the accounting of the paper, and by
    the trees; and the instructions expected of the layers, in thousands."""
    lines = re.findall(
        r"(\S+): of (\d+) x (\d+) weights are added: ([\d.]+) % by each channel alone, ([\d.]+) % by a tree.*?"
        r"([\d.]+) % with \d+ rows between; depth \d+\n((?:.*\n)*?)\s*\S+: (no tree|a tree of (?:rows|changes) with \d+ between)\n",
        report)
    sums, total, instructions, seen = np.zeros(3), 0, 0, set()
    for name, channels, length, alone, plain, steiner, between, chosen in lines:
        if chosen == "no tree" or name in seen:
            continue
        seen.add(name)
        count = int(channels) * int(length)
        total += count
        sums += count * np.array([float(alone), float(plain), float(steiner)])
        instructions += int(re.search(re.escape(chosen) + r" (\d+) thousand", between)[1])
    return sums / total, instructions


def main():
    data = np.load(f"{SHARED}/data/cifar10_test2000.npz")
    x = np.clip(np.floor((data["x"].transpose(0, 3, 1, 2) / 255.0 * 2 - 1) * 128), -128, 127).astype(np.float32)
    y = data["y"].astype(np.int64)
    print(f"""`flip` on bnn_cnv_cifar10, with {CALIBRATION} calibration images of CIFAR-10: what is left of the additions of the layers \
that get trees
(each channel alone, n + Σ d as in the paper, and the trees with rows between), the thousands of instructions expected of these
layers in generic C, and the accuracy. From `Benchmarks/trees/curve.py`.

| flip | alone | n + Σ d | trees | instructions | {len(x)} images | the {len(x) - CALIBRATION} not calibrated with |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |""", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/calibration.npz", input=x[:CALIBRATION], labels=y[:CALIBRATION])
        for flip in FLIPS:
            library, header, report = build(f"{SHARED}/models/bnn_cnv_cifar10/model.onnx", flip, folder)
            right = answers(library, header, x) == y
            shares, instructions = trees(report)
            columns = [f"{share:.1f} %" for share in shares] + [str(instructions)]
            columns += [f"{100 * part.mean():.2f} %" for part in (right, right[CALIBRATION:])]
            print(f"| {flip or 'none'} | " + " | ".join(columns) + " |", flush=True)


main()
