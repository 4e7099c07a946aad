"""What is left of a language model without some of its residual branches: loss and time, in the order in which they go.

    python3 layers.py NNC > ../../docs/measured/prune-layers.md

NNC is the program nnc; the model is samples/charlm. Needs clang.
"""
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, processor, run

NNC = pathlib.Path(sys.argv[1]).resolve()
SAMPLE = PROJECT / "samples" / "charlm"


def measure(folder, count):
    """The loss over valid.txt and the microseconds of a token, and what the pass says of the last branch that goes."""
    options = ["--passes", f"prune-layers{{count: {count}}}", "--calibration", SAMPLE / "calibration.npz"] if count else []
    run(NNC, "build", SAMPLE / "charlm.json", "-o", folder / "charlm.c", "--target", "host", "--report", folder / "report.json",
        *options)
    run("clang", "-std=c99", "-O3", "-march=native", f"-I{folder}", SAMPLE / "main.c", folder / "charlm.c", "-o", folder / "charlm",
        "-lm")
    texts = [run(folder / "charlm", SAMPLE / "valid.txt") for _ in range(5)]
    notes = re.findall(r'"([^"]+): removed, [^"]*error ([\d.]+)', (folder / "report.json").read_text())
    return float(re.search(r"Loss: ([\d.]+)", texts[0])[1]), min(float(re.search(r"Time: ([\d.]+)", t)[1]) for t in texts), notes


def main():
    print(f"""samples/charlm without residual branches: the loss over its valid.txt in nats a character, and the time of a token, of 64
computed together, on one thread of this machine ({processor()[0]}, clang -O3). From `Benchmarks/prune/layers.py`.

| branches that are gone | output error | loss | time |
| --- | ---: | ---: | ---: |""")
    for count in range(5):
        with tempfile.TemporaryDirectory() as name:
            loss, time, notes = measure(pathlib.Path(name), count)
        last, error = notes[count - 1] if count else ("none", "0")
        print(f"| {'and ' if count > 1 else ''}{last} | {error} | {loss:.3f} | {time:.1f} µs |", flush=True)


main()
