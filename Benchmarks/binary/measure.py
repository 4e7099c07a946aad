"""Measures binary layers: the kernels that count words and those that add planes, and a whole network beside onnxruntime.

    make -C Benchmarks/binary              installs onnxruntime in a virtual environment, measures, and writes the tables

The kernels run in one process, one after the other, and their results are compared. The network is CNV of the folder with real
models; its C and onnxruntime, with one thread, take turns on the same images, and the logits must be those that were recorded.
The tables go to docs/benchmarks.md, between the markers.
"""

import argparse
import ctypes
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PAGE = PROJECT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- binary: begin -->", "<!-- binary: end -->"

PLAIN = ["-U__SSE2__", "-DNNC_LANE_BITS=32", "-fno-vectorize", "-fno-slp-vectorize"]
BUILDS = [("AVX-512", ["-march=x86-64-v4", "-mavx512vpopcntdq"], "avx512_vpopcntdq"), ("AVX2", ["-march=haswell"], "avx2"),
          ("SSE2", [], "sse2"), ("plain C, words of 32 bits", PLAIN, "sse2")]


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def processor():
    """The name of the processor, and what it can do."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    fields = dict(line.split("\t: ", 1) for line in lines if "\t: " in line)
    pick = lambda name: next(value for key, value in fields.items() if key.strip() == name)
    return f"{pick('model name')}, family {pick('cpu family')}, model {pick('model')}", pick("flags").split()


def kernels(clang, flags, folder):
    """A table of all layers for each build that this processor can run."""
    builds = [(name, options) for name, options, needs in BUILDS if needs in flags]
    rows = {}
    for name, options in builds:
        program = folder / "layers"
        run(clang, "-std=gnu99", "-O3", *options, "-I", PROJECT / "runtime", HERE / "layers.c", "-o", program)
        for line in run(program).splitlines():
            layer, _, _, words, planes = line.split(";")
            rows.setdefault(layer, []).extend([words, planes])
    head = "| layer | " + " | ".join(f"{name}: words | planes" for name, _ in builds) + " |\n"
    head += "|---|" + "---:|" * (2 * len(builds)) + "\n"
    return head + "".join(f"| {layer} | {' | '.join(cells)} |\n" for layer, cells in rows.items())


class Compiled:
    """The C of a model with one input and one output."""

    def __init__(self, nnc, clang, model, folder, name, target, options):
        run(nnc, "build", model, "--target", target, "-o", folder / f"{name}.c")
        library = folder / f"{name}.so"
        run(clang, "-std=c99", "-O3", *options, "-fPIC", "-shared", folder / f"{name}.c", "-o", library, "-lm")
        self.function = getattr(ctypes.CDLL(str(library)), f"{name}_run")
        self.memory = numpy.zeros(1 << 20, numpy.uint8)
        self.arena = ctypes.c_void_p(self.memory.ctypes.data + -self.memory.ctypes.data % 64)

    def __call__(self, image):
        image, scores = numpy.ascontiguousarray(image, numpy.float32), numpy.zeros((1, 10), numpy.float32)
        inputs, outputs = (ctypes.c_void_p * 1)(image.ctypes.data), (ctypes.c_void_p * 1)(scores.ctypes.data)
        start = time.perf_counter()
        if self.function(inputs, outputs, self.arena) != 0:
            sys.exit("the C returned an error")
        return scores, time.perf_counter() - start


class Session:
    """onnxruntime with one thread."""

    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def __call__(self, image):
        start = time.perf_counter()
        scores = self.session.run(None, {self.name: image})[0]
        return scores, time.perf_counter() - start


def identity():
    """A model that does nothing: what a call of onnxruntime costs without computing anything."""
    types = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1, 3, 32, 32]) for n in ("x", "y")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "identity", types[:1], types[1:])
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def network(nnc, clang, flags, models, folder):
    """A line for each build of the C: its time, that of onnxruntime, and the ratio."""
    path = models / "bnn_cnv_cifar10"
    recorded = numpy.load(path / "io.npz")
    builds = [("SSE2", "generic", []), ("AVX2", "x86-64-v3", ["-march=haswell"]),
              ("AVX-512", "x86-64-v4", ["-march=x86-64-v4", "-mavx512vpopcntdq"])]
    needs = {"SSE2": "sse2", "AVX2": "avx2", "AVX-512": "avx512_vpopcntdq"}
    runners = {name: Compiled(nnc, clang, path / "model.onnx", folder, f"cnv{index}", target, options)
               for index, (name, target, options) in enumerate(builds) if needs[name] in flags}
    runners |= {"onnxruntime": Session(str(path / "model.onnx")), "identity": Session(identity())}
    times = {name: [] for name in runners}
    for round in range(12):
        for image, logits in zip(recorded["input"], recorded["logits"]):
            for name, runner in runners.items():
                scores, seconds = runner(image[None])
                times[name].append(seconds)
                if name != "identity" and not numpy.array_equal(scores[0], logits):
                    sys.exit(f"{name}: the logits are not those that were recorded")
    medians = {name: float(numpy.median(seconds)) * 1e6 for name, seconds in times.items()}
    peer = medians["onnxruntime"] - medians.pop("identity")
    table = "| CNV | microseconds per image | onnxruntime, in floats | ratio |\n|---|---:|---:|---:|\n"
    for name, median in medians.items():
        if name != "onnxruntime":
            table += f"| {name} | {median:.0f} | {peer:.0f} | {peer / median:.1f} |\n"
    return table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nnc", type=pathlib.Path, required=True)
    parser.add_argument("--clang", default="clang")
    arguments = parser.parse_args()
    models = pathlib.Path(os.environ.get("NNC_SHARED", PROJECT.parent / "shared")) / "models"
    name, flags = processor()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        text = kernels(arguments.clang, flags, folder) + "\n"
        if models.exists():
            text += network(arguments.nnc.resolve(), arguments.clang, flags, models, folder) + "\n"
        else:
            print(f"skipped: CNV, because there is no folder {models}")
    compiler = run(arguments.clang, "--version").splitlines()[0].split(" (")[0]
    text += f"On {name}, one thread, {compiler} -O3, onnxruntime {importlib.metadata.version('onnxruntime')}.\n"
    print(text)
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + text + END + rest.split(END)[1])


main()
