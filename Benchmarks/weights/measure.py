"""Measures how long nnc and the compilers of C take for a model of 90 MB, for each form of its weights.

    make -C Benchmarks/weights              fetches the model, measures, and writes the table

What a compiler makes of each form must compute the same numbers to the bit. Times are those of the processor, in one run; memory is
the most that any process of a command had. The table goes to docs/output.md, between the markers.
"""

import argparse
import ctypes
import mmap
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compiled import PROJECT, replace_between, run

FORMS = ["array", "string", "incbin", "embed", "external"]
COMPILERS = ["clang", "gcc"]
TOKENS = 16


def measured(*command, folder):
    """The seconds and the megabytes that a command takes; ends with what it says where it fails."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(map(str, command))}\n{output.read()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def embedding(folder, library, form):
    """What the compiled encoder makes of some tokens."""
    header = (folder / "net.h").read_text()
    (size,) = [int(line.split()[2]) for line in header.splitlines() if line.startswith("#define NET_ARENA_BYTES ")]
    arena = numpy.zeros(size + 64, numpy.uint8)
    ids, mask = numpy.arange(1000, 1000 + TOKENS, dtype=numpy.int64), numpy.ones(TOKENS, numpy.int64)
    result = numpy.zeros(384, numpy.float32)
    pointers = lambda *arrays: (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
    arguments = [pointers(ids, mask), pointers(result)]
    if form == "external":
        with open(folder / "net.weights.bin", "rb") as file:
            weights = numpy.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), numpy.uint8)
        arguments.append(ctypes.c_void_p(weights.ctypes.data))
    arguments.append(ctypes.c_void_p(arena.ctypes.data + -arena.ctypes.data % 64))
    if ctypes.CDLL(str(library)).net_run(*arguments) != 0:
        sys.exit(f"the C with weights as {form} returned an error")
    return result


def row(nnc, model, form, results):
    """The cells of a form; adds what each compiler's code computes."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        times = [measured(nnc, "build", model, "--dim", f"sequence={TOKENS}", "-o", "net.c", "--weights", form, folder=folder)]
        for compiler in COMPILERS:
            if form == "embed" and "yes" not in run(compiler, "-E", "-P", "-x", "c", PROBE):
                times.append(None)
                continue
            library = folder / f"{compiler}.so"
            times.append(measured(compiler, "-std=c99", "-O2", "-fPIC", "-c", "net.c", "-o", f"{compiler}.o", folder=folder))
            run(compiler, "-shared", folder / f"{compiler}.o", "-o", library, "-lm")
            # In a process of its own: what a process has mapped counts as memory of those that it starts.
            with multiprocessing.Pool(1) as pool:
                results.setdefault(compiler, []).append(pool.apply(embedding, (folder, library, form)))
        size = (folder / "net.c").stat().st_size / 1e6
    cells = [f"{cell[0]:.1f} s, {cell[1]:.0f} MB" if cell else "–" for cell in times]
    return f"| `{form}` | {size:.1f} MB | {' | '.join(cells)} |\n"


PROBE = pathlib.Path(tempfile.gettempdir()) / f"nnc-embed-{os.getpid()}.c"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--nnc", required=True)
    arguments.add_argument("--model", required=True)
    options = arguments.parse_args()
    nnc, model = pathlib.Path(options.nnc).resolve(), pathlib.Path(options.model).resolve()
    PROBE.write_text("#ifdef __has_embed\nyes\n#endif\n")
    table = "| form | the C | `nnc build` | clang | gcc |\n|---|---:|---:|---:|---:|\n"
    results = {}
    try:
        for form in FORMS:
            line = row(nnc, model, form, results)
            print(line, end="", flush=True)
            table += line
    finally:
        PROBE.unlink()
    for compiler, embeddings in results.items():
        if any(not numpy.array_equal(embeddings[0], other) for other in embeddings):
            sys.exit(f"the C as {compiler} compiles it computes something else in another form")
    replace_between(PROJECT / "docs" / "output.md", "weights", "\n" + table)


if __name__ == "__main__":
    main()
