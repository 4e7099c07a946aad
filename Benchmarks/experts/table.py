"""Loss, time and flash of the language model in samples/charlm, whose neurons are silent for the most part, by pass.

    python3 table.py NNC > ../../docs/measured/moefy.md

NNC is the program nnc. Needs NumPy, clang, and for the instructions of a Cortex-M7 arm-none-eabi-gcc and qemu-system-arm.
"""
import pathlib
import re
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, processor, run

NNC = pathlib.Path(sys.argv[1]).resolve()
SAMPLE = PROJECT / "samples" / "charlm"
MODEL, CALIBRATION = SAMPLE / "charlm.json", SAMPLE / "calibration.npz"
PASSES = [None, "ffn-threshold", "ffn-threshold{error: 0.1}", "ffn-threshold{error: 0.2}"] + [
    f"moefy{{experts: {experts}, active: {active}}}" for experts in (16, 64) for active in (0.75, 0.5, 0.25)]


def build(folder, passes, target):
    arguments = ["--passes", passes, "--calibration", CALIBRATION] if passes else []
    run(NNC, "build", MODEL, "-o", folder / "charlm.c", "--target", target, *arguments)


def loss_and_time(folder):
    """The mean loss over valid.txt, and the microseconds of a token, of 64 that are computed together."""
    run("clang", "-std=c99", "-O3", "-march=native", f"-I{folder}", SAMPLE / "main.c", folder / "charlm.c", "-o",
        folder / "charlm", "-lm")
    texts = [run(folder / "charlm", SAMPLE / "valid.txt") for _ in range(5)]
    return float(re.search(r"Loss: ([\d.]+)", texts[0])[1]), min(float(re.search(r"Time: ([\d.]+)", t)[1]) for t in texts)


def instructions(folder, passes):
    """The millions of instructions of a run on a Cortex-M7."""
    np.savez(folder / "data.npz", tokens=np.load(CALIBRATION)["tokens"][0])
    options = "--target cortex-m7" + (f" --passes '{passes}' --calibration {CALIBRATION}" if passes else "")
    output = run("make", "-s", "-C", PROJECT / "samples/firmware", "run", f"NNC={NNC}", "BOARD=mps2-an500", f"MODEL={MODEL}",
                 f"DATA={folder / 'data.npz'}", f"BUILD={folder / 'firmware'}", f"OPTIONS={options}")
    return int(re.search(r"time (\d+) instructions", output)[1]) / 1e6


def main():
    print(f"""samples/charlm: the loss over its valid.txt in nats a character; the time of a token, of 64 computed together, on one
thread of this machine ({processor()[0]}, clang -O3); the instructions of the 64 tokens on a Cortex-M7, under QEMU
(gcc -O2). From `Benchmarks/experts/table.py`.

| pass | loss | of dense | time | of dense | M7, millions | of dense |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |""")
    dense = None
    for passes in PASSES:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            build(folder, passes, "host")
            loss, time = loss_and_time(folder)
            numbers = (loss, time, instructions(folder, passes))
        dense = dense or numbers
        cells = " | ".join(f"{n:.{digits}f} | {n / d:.2f}" for n, d, digits in zip(numbers, dense, (3, 1, 1)))
        print(f"| {f'`{passes}`' if passes else 'none'} | {cells} |", flush=True)
    print("\nWhere the numbers are those of none, blocks were left as they are: experts would have gained no time there.")


main()
