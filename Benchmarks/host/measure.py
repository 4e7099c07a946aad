"""Measures models in floats beside onnxruntime, IREE and emx-onnx-cgen, on one thread of this machine.

    make -C Benchmarks/host              installs them in a virtual environment, measures, and writes the table

The C of a model, compiled by clang and by gcc, that of emx-onnx-cgen, compiled by clang with the same flags, what IREE compiles for
this processor, and onnxruntime take turns on the same random input, and their outputs must agree within 1e-4. What a call of
onnxruntime or IREE from Python costs, which is the time of a model that does nothing, is taken off. The table goes to
docs/benchmarks.md, between the markers; where a ratio to onnxruntime is more than a tenth worse than the one that stands there, the
script says so.
"""

import argparse
import ctypes
import importlib.metadata
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import iree.runtime
import numpy
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, processor, replace_between, run

PAGE = PROJECT / "docs" / "benchmarks.md"
MODELS = ["cnn28", "mlp_32_64_64_4", "mlperf_kws_f32", "mlperf_ad01_f32", "mlperf_resnet8_f32", "mobilenet_v2_035_128", "ppocr_cls",
          "face_detection", "attention_block", "stories260k"]
TOKENS = [16, 128]
TARGETS = [("avx512f", "x86-64-v4", ["-march=x86-64-v4"]), ("avx2", "x86-64-v3", ["-march=x86-64-v3"]), ("sse2", "generic", [])]
TURNS = 9

# Calls a model again and again: "own" is nnc's, "peer" that of emx-onnx-cgen, whose parameters are arrays.
TIMER = """
#include <time.h>

{declarations}

double seconds(void *const *inputs, void *const *outputs, void *arena, int count) {{
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int i = 0; i < count; ++i) {call};
  clock_gettime(CLOCK_MONOTONIC, &end);
  return ((double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec)) / count;
}}
"""


class Generated:
    """The C of a model, compiled."""

    def __init__(self, compiler, flags, folder, source, timer, arena_size, feeds, results):
        (folder / "timer.c").write_text(timer)
        program = folder / f"{source}-{compiler}.so"
        run(compiler, "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O3", *flags, "-I", folder, "-shared", "-fPIC",
            folder / f"{source}.c", folder / "timer.c", "-o", program, "-lm")
        self.call = ctypes.CDLL(str(program)).seconds
        self.call.restype = ctypes.c_double
        self.results = [numpy.zeros_like(result) for result in results]
        self.arena = numpy.zeros(arena_size + 64, numpy.uint8)
        pointers = lambda arrays: (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
        arena = ctypes.c_void_p(self.arena.ctypes.data + -self.arena.ctypes.data % 64)
        self.arguments = (pointers(feeds), pointers(self.results), arena)

    def __call__(self):
        self.seconds(1)
        return self.results

    def seconds(self, count):
        return self.call(*self.arguments, count)


def own(nnc, path, arguments, target, compiler, flags, folder, feeds, results):
    """The model as nnc compiles it."""
    run(nnc, "build", path, "-o", folder / "net.c", "--target", target, *arguments)
    size = int(re.search(r"NET_ARENA_BYTES (\d+)", (folder / "net.h").read_text())[1])
    call = "net_run((const net_inputs *)(const void *)inputs, (const net_outputs *)(const void *)outputs, arena)"
    return Generated(compiler, flags, folder, "net", TIMER.format(declarations='#include "net.h"', call=call), size, feeds, results)


def peer(path, flags, folder, feeds, results):
    """The model as emx-onnx-cgen compiles it; None if it does not."""
    emx = pathlib.Path(sys.executable).with_name("emx-onnx-cgen")
    done = subprocess.run(
        [emx, "compile", "--model-name", "peer", "--restrict-arrays", "--large-weight-threshold", "0", path, folder / "peer.c"],
        capture_output=True)
    if done.returncode != 0:
        return None
    arguments = [f"inputs[{i}]" for i in range(len(feeds))] + [f"outputs[{i}]" for i in range(len(results))]
    declaration = f"void peer({', '.join(['void *'] * len(arguments))});"
    timer = TIMER.format(declarations=declaration, call=f"(void)arena, peer({', '.join(arguments)})")
    return Generated("clang", flags, folder, "peer", timer, 0, feeds, results)


class Session:
    """The same model in onnxruntime."""

    def __init__(self, model, length=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options)
        self.feeds = {}
        for value in self.session.get_inputs():
            shape = [extent if isinstance(extent, int) else length for extent in value.shape]
            random = numpy.random.default_rng(0)
            if value.name == "attention_mask":
                self.feeds[value.name] = numpy.ones(shape, numpy.int64)
            elif value.type == "tensor(float)":
                self.feeds[value.name] = random.random(shape, dtype=numpy.float32)
            else:
                self.feeds[value.name] = random.integers(0, 256, shape)

    def __call__(self):
        return self.session.run(None, self.feeds)

    def seconds(self, count):
        begin = time.perf_counter()
        for _ in range(count):
            self()
        return (time.perf_counter() - begin) / count


class Iree:
    """The same model as IREE compiles it."""

    def __init__(self, module, feeds):
        config = iree.runtime.Config("local-sync")
        context = iree.runtime.SystemContext(config=config)
        vm_module = iree.runtime.VmModule.copy_buffer(context.instance, module)
        context.add_vm_module(vm_module)
        name = next(name for name in vm_module.function_names if not name.endswith("$async") and not name.startswith("__"))
        self.function = context.modules[vm_module.name][name]
        self.feeds = [iree.runtime.asdevicearray(config.device, feed) for feed in feeds]

    def __call__(self):
        results = self.function(*self.feeds)
        return [result.to_host() for result in (results if isinstance(results, tuple) else (results,))]

    def seconds(self, count):
        begin = time.perf_counter()
        for _ in range(count):
            self.function(*self.feeds)
        return (time.perf_counter() - begin) / count


def iree_module(path, folder):
    """What IREE makes of a model for this processor; None if it refuses it."""
    tools, text, module = pathlib.Path(sys.executable).parent, folder / "net.mlir", folder / "net.vmfb"
    commands = [[tools / "iree-import-onnx", path, "-o", text],
                [tools / "iree-compile", "--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
                 "--iree-llvmcpu-target-cpu=host", text, "-o", module]]
    done = all(subprocess.run(command, capture_output=True).returncode == 0 for command in commands)
    return module.read_bytes() if done else None


def identity():
    """A model that does nothing."""
    value = lambda name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "identity", [value("x")], [value("y")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model.SerializeToString()


def measure(nnc, path, tokens, target, flags, folder, idle):
    """The microseconds of a model by clang, by gcc, in onnxruntime, by emx-onnx-cgen and by IREE, nan where those do not compile it.

    Models for some number of tokens have too many weights for arrays in C. idle: a model that does nothing, for those that Python calls.
    """
    session = Session(str(path), tokens or 1)
    expected = session()
    feeds = list(session.feeds.values())
    arguments = ["--weights", "incbin", "--dim", f"sequence={tokens}"] if tokens else []
    programs = {name: own(nnc, path, arguments, target, name, flags, folder, feeds, expected) for name in ("clang", "gcc")}
    if not tokens:
        programs["emx"] = peer(path, flags, folder, feeds, expected)
        module = iree_module(path, folder)
        programs["IREE"] = Iree(module, feeds) if module else None
    programs = {name: program for name, program in programs.items() if program}
    for program in programs.values():
        for found, right in zip(program(), expected):
            if not numpy.allclose(found, right, rtol=1e-4, atol=1e-4 * numpy.abs(right).max()):
                sys.exit(f"{path}: outputs differ from those of onnxruntime")
    timed = {**programs, "onnxruntime": session, **{("idle", name): model for name, model in idle.items()}}
    counts = {name: max(2, int(0.05 / max(each.seconds(2), 1e-7))) for name, each in timed.items()}
    turns = [{name: each.seconds(counts[name]) for name, each in timed.items()} for _ in range(TURNS)]
    times = {name: statistics.median(turn[name] for turn in turns) * 1e6 for name in timed}
    return [times[name] - times.get(("idle", name), 0) if name in times else float("nan")
            for name in ("clang", "gcc", "onnxruntime", "emx", "IREE")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nnc", default=PROJECT / ".build" / "release" / "nnc", type=pathlib.Path)
    parser.add_argument("--models", default=PROJECT.parent / "shared" / "models", type=pathlib.Path)
    parser.add_argument("--encoder", required=True, type=pathlib.Path, help="what samples/sentence_encoder/export.py wrote")
    arguments = parser.parse_args()
    name, flags = processor()
    _, target, options = next(row for row in TARGETS if row[0] in flags)
    rows = re.findall(r"^\| (\w+)(?: \| [\d.]+){3} \| ([\d.]+) \|", PAGE.read_text(), re.M)
    before = {model: float(ratio) for model, ratio in rows}
    other = re.search(r"On (.+?), with `--target", PAGE.read_text())[1]
    if other != name:
        print(f"the ratios to compare with are of another processor: {other}")
    table = "| model | clang | gcc | onnxruntime | clang / onnxruntime | emx-onnx-cgen | clang / emx | IREE | clang / IREE |\n"
    table += "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "identity.onnx"
        model.write_bytes(identity())
        session = Session(str(model))
        idle = {"onnxruntime": session, "IREE": Iree(iree_module(model, pathlib.Path(folder)), list(session.feeds.values()))}
    cases = [(model, arguments.models / model / "model.onnx", None) for model in MODELS]
    cases += [(f"encoder_{tokens}", arguments.encoder, tokens) for tokens in TOKENS]
    for model, path, tokens in cases:
        with tempfile.TemporaryDirectory() as folder:
            clang, gcc, runtime, emx, of_iree = measure(
                arguments.nnc.resolve(), path, tokens, target, options, pathlib.Path(folder), idle)
        ratio = clang / runtime
        row = f"| {model} | {clang:.1f} | {gcc:.1f} | {runtime:.1f} | {ratio:.2f} |"
        for peer_time, digits in [(emx, 3), (of_iree, 2)]:
            row += f" {peer_time:.1f} | {clang / peer_time:.{digits}f} |" if peer_time == peer_time else " - | - |"
        print(row, flush=True)
        table += row + "\n"
        if ratio > 1.1 * before.get(model, ratio):
            print(f"{model}: slower than before, when the ratio was {before[model]:.2f}")
    versions = [run(compiler, "--version").splitlines()[0] for compiler in ("clang", "gcc")]
    text = (f"\n{table}\nMicroseconds of an inference, medians of {TURNS} turns; - where a peer refuses a model, or was not asked. "
            f"encoder_16 and encoder_128 are [samples/sentence_encoder](../samples/sentence_encoder) for sentences of so many tokens. On {name}, "
            f"with `--target {target}`, onnxruntime {onnxruntime.__version__}, emx-onnx-cgen "
            f"{importlib.metadata.version('emx-onnx-cgen')}, IREE {importlib.metadata.version('iree-base-compiler')}, {versions[0]} "
            f"and {versions[1]}, all with -O3 and the flags of the target.\n")
    replace_between(PAGE, "host", text)


main()
