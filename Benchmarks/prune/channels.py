"""Accuracy, products and time of networks of which layers have lost channels, without training.

    python3 channels.py NNC SHARED > ../../docs/measured/prune-channels.md

NNC is the program nnc, SHARED the folder of real models and data. Needs NumPy and a C compiler. Takes some twelve minutes.
Channels are chosen, and layers fitted, with calibration images; times are those of whole networks on one thread, in turns.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import Compiled, processor, run

NNC, SHARED = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
RESNET, MOBILENET = "mlperf_resnet8_f32", "mobilenet_v2_035_128"
CALIBRATION = {RESNET: 500, MOBILENET: 64}
HELD_OUT = 256
WIDE = "measured, fitted, multiples of 16"
METHODS = [
    ("measured, fitted", ""),
    ("alike, fitted", ", allocation: uniform"),
    ("by norm, not fitted", ", allocation: uniform, score: norm, reconstruct: false"),
    ("at random, fitted", ", allocation: uniform, score: random"),
    ("at random, not fitted", ", allocation: uniform, score: random, reconstruct: false"),
]
ENTRIES = {
    RESNET: [("15 %", METHODS[0][0], "macs: 0.15")]
    + [("25 %", title, f"macs: 0.25{options}") for title, options in METHODS]
    # As many as kernels for AVX-512 compute together.
    + [("25 %", WIDE, "macs: 0.25, round: 16")]
    + [("40 %", METHODS[0][0], "macs: 0.4")],
    # To measure what each group does, the pass would compile the network some seventy times.
    MOBILENET: [("25 %", METHODS[1][0], "macs: 0.25, allocation: uniform")],
}
# What a build does before the passes that the user names.
CANONICALIZE = ("expand-composites,fold-constants,remove-identity,find-activations,find-normalizations,fuse-pad,find-bits,"
                "fold-thresholds,fold-batch-norm,push-transposes,remove-identity")


def pruned(folder, name, options):
    """A file of the network after the pass, and what the pass says."""
    result = pathlib.Path(folder) / f"{name}{options.replace(' ', '').replace(':', '-')}.nnc"
    done = subprocess.run(
        [NNC, "opt", SHARED / "models" / name / "model.onnx", "--weights", "exact", "--passes",
         f"{CANONICALIZE},prune-channels{{{options}}}", "--calibration", f"{folder}/{name}.npz"],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    result.write_text(done.stdout)
    print(done.stderr, file=sys.stderr, flush=True)
    return result, done.stderr


def products(said):
    """How many products a pruned network adds up, of how many."""
    before, after = map(int, re.search(r"(\d+) -> (\d+) products", said).groups())
    return before, after


def times(models):
    """The microseconds of a run of each of some networks: the least of several turns."""
    best = [float("inf")] * len(models)
    for _ in range(5):
        for index, model in enumerate(models):
            text = run(NNC, "bench", model, "--seconds", "1", "--target", "host")
            best[index] = min(best[index], float(re.search(r"^time +([\d.]+)", text, re.MULTILINE)[1]))
    return best


def upsampled(images):
    """CIFAR images [N, 32, 32, 3] of 0 to 255 as [N, 1, 3, 128, 128] of -1 to 1, interpolated linearly."""
    places = (np.arange(128) + 0.5) / 4 - 0.5
    first = np.clip(np.floor(places).astype(int), 0, 30)
    share = np.clip(places - first, 0, 1).astype(np.float32)
    x = images.astype(np.float32) / 127.5 - 1
    x = x[:, first] * (1 - share)[:, None, None] + x[:, first + 1] * share[:, None, None]
    x = x[:, :, first] * (1 - share)[:, None] + x[:, :, first + 1] * share[:, None]
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)[:, None])


def resnet(folder, x, labels, changed):
    count = CALIBRATION[RESNET]
    print(f"""{RESNET} without training, {count} calibration images of the 2000: accuracy. Groups share what goes by what was
measured, or lose it alike; channels go by what the layers behind them miss, by the norm of weights, or at random; layers are fitted
to calibration data afterwards, or not. From `Benchmarks/prune/channels.py`.

| fewer products | groups and channels | products | 2000 images | the {2000 - count} not calibrated with |
| ---: | --- | ---: | ---: | ---: |""")
    original = SHARED / "models" / RESNET / "model.onnx"
    timed = [(RESNET, "none", original, "")]
    for title, method, options in [("none", "", None)] + ENTRIES[RESNET]:
        model, said = changed[RESNET, options].result() if options else (original, "")
        words = "{1} of {0}".format(*products(said)) if options else ""
        right = Compiled(NNC, model, folder).answers(x) == labels
        print(f"| {title} | {method} | {words} | {100 * right.mean():.2f} % | {100 * right[count:].mean():.2f} % |", flush=True)
        if method in (METHODS[0][0], WIDE):
            timed.append((RESNET, title + (", multiples of 16" if method == WIDE else ""), model, said))
    return timed


def outputs(folder, model, x):
    """The outputs of a network of five classes for some images."""
    compiled = Compiled(NNC, model, folder)
    return np.array([compiled(image)[0][0, :5] for image in x])


def mobilenet(folder, x, changed):
    print(f"""
{MOBILENET} without training, {CALIBRATION[MOBILENET]} calibration images, which are CIFAR images made larger, for there are none of
its own: the error of its output, relative to it, as the pass measures it, with as many channels at random beside; and how many of
{HELD_OUT} further images get the same class as from the model.

| fewer products | products | error | at random | same class |
| ---: | ---: | ---: | ---: | ---: |""", flush=True)
    original = SHARED / "models" / MOBILENET / "model.onnx"
    expected, timed = outputs(folder, original, x), [(MOBILENET, "none", original, "")]
    for title, _, options in ENTRIES[MOBILENET]:
        model, said = changed[MOBILENET, options].result()
        before, after = products(said)
        errors = re.findall(r"output 'dense' error ([\d.]+)", said)
        same = (outputs(folder, model, x).argmax(1) == expected.argmax(1)).mean()
        print(f"| {title} | {after} of {before} | {errors[0]} | {errors[1]} | {100 * same:.1f} % |", flush=True)
        timed.append((MOBILENET, title, model, said))
    return timed


def main():
    data = np.load(SHARED / "data/cifar10_test2000.npz")
    images, labels = data["x"].astype(np.float32), data["y"].astype(np.int64)
    (count, larger_count) = (CALIBRATION[RESNET], CALIBRATION[MOBILENET])
    larger = upsampled(data["x"][:larger_count + HELD_OUT])
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        np.savez(f"{folder}/{RESNET}.npz", input=images[:count], labels=labels[:count])
        np.savez(f"{folder}/{MOBILENET}.npz", input_1=larger[:larger_count])
        changed = {(name, options): pool.submit(pruned, folder, name, options)
                   for name in (MOBILENET, RESNET) for _, _, options in ENTRIES[name]}
        timed = resnet(folder, images, labels, changed) + mobilenet(folder, larger[larger_count:], changed)
        print(f"""
A run of the whole network on one thread of this machine ({processor()[0]}), the least of five turns:

| network | fewer products | products | time | times as fast |
| --- | ---: | ---: | ---: | ---: |""")
        dense = {}
        for (name, title, _, said), time in zip(timed, times([entry[2] for entry in timed])):
            dense.setdefault(name, time)
            left = "{:.3f}".format(products(said)[1] / products(said)[0]) if said else "1"
            print(f"| {name} | {title} | {left} | {time:.0f} µs | {dense[name] / time:.2f} |", flush=True)


main()
