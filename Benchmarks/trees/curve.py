"""Accuracy of binary networks by how much of their additions trees of channels leave, for docs/measured/mst-reorder.md.

    python3 curve.py NNC SHARED [NAME] > ../../docs/measured/mst-reorder.md

NNC is the program nnc, SHARED the folder of real models and data; NAME picks one of the networks. Needs NumPy, a C compiler, and for
the network of samples/bnn-mst Debian's dataset-fashion-mnist. Weights are inverted by what calibration images show.
"""
import gzip, pathlib, re, sys, tempfile
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, Compiled

NNC, SHARED = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
CLOTHES = pathlib.Path("/usr/share/datasets/fashion-mnist")
FLIPS = [None, 0.01, 0.02, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3]


def cnv():
    """The name of a network, its file, its input, its target, calibration images and labels, and sets of images to test with."""
    data = np.load(SHARED / "data/cifar10_test2000.npz")
    x = np.clip(np.floor((data["x"].transpose(0, 3, 1, 2) / 255.0 * 2 - 1) * 128), -128, 127).astype(np.float32)
    y = data["y"].astype(np.int64)
    return ("bnn_cnv_cifar10", SHARED / "models/bnn_cnv_cifar10/model.onnx", "input", "generic", (x[:500], y[:500]),
            {"2000 images": (x, y), "the 1500 not calibrated with": (x[500:], y[500:])})


def plain():
    def read(name, offset):
        return np.frombuffer(gzip.open(CLOTHES / f"{name}-ubyte.gz").read(), np.uint8, offset=offset)

    def part(name):
        images = read(f"{name}-images-idx3", 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255
        return images, read(f"{name}-labels-idx1", 8).astype(np.int64)

    x, y = part("train")
    return ("samples/bnn-mst/plain", PROJECT / "samples/bnn-mst/plain.json", "image", "cortex-m4", (x[:4000], y[:4000]),
            {"10,000 test images": part("t10k")})


def trees(report):
    """The share of additions that is left in layers with trees: by each channel alone, in the accounting of the paper, from weights
    of -1, and by the trees; and the instructions expected of the layers, in thousands."""
    lines = re.findall(
        r"(\S+): of (\d+) x (\d+) weights are added: ([\d.]+) % by each channel alone, ([\d.]+) % by a tree.*?"
        r"([\d.]+) % from weights of -1, ([\d.]+) % with \d+ rows between; depth \d+\n"
        r"((?:.*\n)*?)\s*\S+: (no tree|a tree of (?:rows|changes) with \d+ between)\n",
        report)
    sums, total, instructions, seen = np.zeros(4), 0, 0, set()
    for name, channels, length, alone, plain, rooted, steiner, between, chosen in lines:
        if chosen == "no tree" or name in seen:
            continue
        seen.add(name)
        count = int(channels) * int(length)
        total += count
        sums += count * np.array([float(alone), float(plain), float(rooted), float(steiner)])
        instructions += int(re.search(re.escape(chosen) + r" (\d+) thousand", between)[1])
    return sums / total, instructions


def main():
    print("""What is left of the additions of the layers that get trees, by the option `flip`: each channel alone, n + Σ d as in the paper,
trees from weights of -1, and those with rows between; the thousands of instructions expected of these layers; and the accuracy.
From `Benchmarks/trees/curve.py`.""", flush=True)
    networks = [cnv] + ([plain] if CLOTHES.exists() else [])
    if not CLOTHES.exists():
        print(f"skipped: samples/bnn-mst, because there is no {CLOTHES}", file=sys.stderr)
    for make in networks:
        if make.__name__ not in (sys.argv[3:] or [make.__name__]):
            continue
        name, model, input_name, target, (x, y), tests = make()
        print(f"\n{name}, {target}, {len(x)} calibration images:\n")
        print("| flip | alone | n + Σ d | from -1 | trees | instructions | " + " | ".join(tests) + " |")
        print("| ---: |" + " ---: |" * (5 + len(tests)), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/calibration.npz", **{input_name: x, "labels": y})
            for flip in FLIPS:
                passes = ["--passes", f"mst-reorder{{flip: {flip}}}", "--calibration", f"{folder}/calibration.npz"] if flip else []
                compiled = Compiled(NNC, model, folder, "--target", target, *passes)
                shares, instructions = trees(compiled.report)
                columns = [f"{share:.1f} %" for share in shares] + [str(instructions)]
                columns += [f"{100 * (compiled.answers(x) == y).mean():.2f} %" for x, y in tests.values()]
                print(f"| {flip or 'none'} | " + " | ".join(columns) + " |", flush=True)


main()
