"""Accuracy, flash and time of a network of whose weights some are zero, by method and share.

    python3 table.py NNC SHARED > ../../docs/measured/prune.md

NNC is the program nnc, SHARED the folder of real models and data. Needs NumPy, a C compiler, and for the instructions of a
Cortex-M4 arm-none-eabi-gcc and qemu-system-arm. Weights are chosen with calibration images; nothing is trained.
"""
import pathlib
import re
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, Compiled, processor, run

NNC, SHARED = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
NAME = "mlperf_resnet8_f32"
MODEL = SHARED / "models" / NAME / "model.onnx"
METHODS = ["magnitude", "wanda", "obs", "random"]
SHARES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
GLOBAL_SHARES = [0.5, 0.8]
PATTERN = 'pattern: "2:4"'
CALIBRATION = 500
# What a build does before the passes that the user names.
CANONICALIZE = ("expand-composites,fold-constants,remove-identity,find-activations,find-normalizations,fuse-pad,find-bits,"
                "fold-thresholds,fold-batch-norm,push-transposes,remove-identity")


class Network:
    """The model with some zeros among its weights."""

    count = 0

    def __init__(self, folder, options):
        Network.count += 1
        self.folder, self.model = folder, MODEL
        if options is None:
            return
        # Weights alone decide where calibration data would only measure.
        needs_data = "magnitude" not in options and "random" not in options
        data = ["--calibration", f"{folder}/calibration.npz"] if needs_data else []
        self.model = pathlib.Path(folder) / f"pruned{Network.count}.nnc"
        passes = f"{CANONICALIZE},prune{{{options}}}"
        self.model.write_text(run(NNC, "opt", MODEL, "--weights", "exact", "--passes", passes, *data))

    def accuracies(self, x, y):
        """The bytes of the weights, stored without zeros wherever that is smaller, and the shares of all images that are
        recognised, and of those that weights were not chosen with."""
        compiled = Compiled(NNC, self.model, self.folder, "--optimize", "size")
        flash = int(re.search(r"flash +(\d+)", compiled.report)[1])
        right = compiled.answers(x) == y
        return flash, f"{100 * right.mean():.2f} %", f"{100 * right[CALIBRATION:].mean():.2f} %"

    def times(self, target):
        """The microseconds of a run on this machine, and the operation and the microseconds of each step."""
        text = run(NNC, "bench", self.model, "--layers", "--seconds", "2", "--target", target)
        steps = re.findall(r"^ +(\d+) +\S+ +(\w+) +f32\[\S+ +([\d.]+) ", text, re.MULTILINE)
        return float(re.search(r"^time +([\d.]+)", text, re.MULTILINE)[1]), {
            int(number): (operation, float(time)) for number, operation, time in steps}

    def instructions(self):
        """The instructions of a run on a Cortex-M4."""
        with tempfile.TemporaryDirectory() as build:
            text = run("make", "-s", "-C", PROJECT / "samples/firmware", "run", f"NNC={NNC}", "BOARD=mps2-an386",
                       f"MODEL={self.model}", f"BUILD={build}", "OPTIONS=--target cortex-m4")
        return int(re.search(r"time (\d+) instructions", text)[1])


def main():
    images = np.load(SHARED / "data/cifar10_test2000.npz")
    x, y = images["x"].astype(np.float32), images["y"].astype(np.int64)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/calibration.npz", input=x[:CALIBRATION], labels=y[:CALIBRATION])
        timed = accuracies(folder, x, y)
        times(timed)
        allocations(folder, x, y)


def accuracies(folder, x, y):
    """Prints the table by method, and returns the networks to be timed by their titles."""
    print(f"""{NAME} without training, {CALIBRATION} calibration images of the 2000; flash of the weights with
`--optimize size`. From `Benchmarks/prune/table.py`.

| zeros | method | 2000 images | the {2000 - CALIBRATION} not calibrated with | flash | of dense |
| ---: | --- | ---: | ---: | ---: | ---: |""")
    timed, dense = {}, None
    entries = [("none", None, "none")]
    for share in SHARES:
        entries += [(f"{100 * share:.0f} %", f"method: {method}, sparsity: {share}", method) for method in METHODS]
        if share in GLOBAL_SHARES:
            entries.append((f"{100 * share:.0f} %", f"method: obs, sparsity: {share}, allocation: global", "obs, global"))
    entries += [("2:4", f"method: {method}, {PATTERN}", method) for method in METHODS]
    for title, options, method in entries:
        network = Network(folder, options)
        flash, all_images, others = network.accuracies(x, y)
        dense = dense or flash
        print(f"| {title} | {method} | {all_images} | {others} | {flash} | {flash / dense:.2f} |", flush=True)
        if method in ("none", "obs") and title in ("none", "50 %", "80 %"):
            timed[title] = network
    return timed


def times(timed):
    print(f"""
Where layers become sparse that are faster then: a run on one thread of this machine ({processor()[0]}, where dense
convolutions of 3x3 may be computed by tiles), how many layers became
sparse, and the slowest of them relative to the same one dense; and instructions of a run on a Cortex-M4, under QEMU. By
`method: obs`.

| zeros | target | time | sparse layers | slowest |
| ---: | --- | ---: | ---: | ---: |""")
    dense = {}
    for title, network in timed.items():
        for target in ("host", "generic"):
            time, steps = network.times(target)
            dense.setdefault(target, steps)
            ratios = [steps[number][1] / dense[target][number][1] for number in steps if steps[number][0].startswith("Sparse")]
            slowest = f"{max(ratios):.2f}" if ratios else ""
            print(f"| {title} | {target} | {time:.0f} µs | {len(ratios)} | {slowest} |", flush=True)
        print(f"| {title} | cortex-m4 | {network.instructions()} instructions | | |", flush=True)


def allocations(folder, x, y):
    print("""
70 % zeros divided among layers in several ways, by `method: obs`:

| allocation | 2000 images | the others | flash |
| --- | ---: | ---: | ---: |""")
    for allocation in ["uniform", "erk", "global", "rate-distortion"]:
        network = Network(folder, f"method: obs, sparsity: 0.7, allocation: {allocation}")
        flash, all_images, others = network.accuracies(x, y)
        print(f"| {allocation} | {all_images} | {others} | {flash} |", flush=True)


main()
