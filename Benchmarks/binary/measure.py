"""Measures binary layers: the kernels that count words and those that add planes, and a whole network beside onnxruntime.

    make -C Benchmarks/binary              installs onnxruntime in a virtual environment, measures, and writes the tables

The kernels run in one process, one after the other, and their results are compared. The network is CNV of the folder with real
models; its C and onnxruntime, with one thread, take turns on the same images, and the logits must be those that were recorded.
The tables go to docs/benchmarks.md, between the markers.
"""

import argparse
import importlib.metadata
import os
import pathlib
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, Compiled, processor, replace_between, run

HERE = pathlib.Path(__file__).resolve().parent

PLAIN = ["-U__SSE2__", "-DNNC_LANE_BITS=32", "-fno-vectorize", "-fno-slp-vectorize"]
BUILDS = [("AVX-512", ["-march=x86-64-v4", "-mavx512vpopcntdq"], "avx512_vpopcntdq"), ("AVX2", ["-march=haswell"], "avx2"),
          ("SSE2", [], "sse2"), ("plain C, words of 32 bits", PLAIN, "sse2")]


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
    runners = {name: Compiled(nnc, path / "model.onnx", folder, "--target", target, compiler=clang, options=["-O3", *options])
               for name, target, options in builds if needs[name] in flags}
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
    replace_between(PROJECT / "docs" / "benchmarks.md", "binary", "\n" + text)


main()
