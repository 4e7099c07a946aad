"""What benchmarks share: the C that nnc makes of a model, compiled and called, and what this machine is. Needs NumPy."""

import ctypes
import pathlib
import re
import subprocess
import sys
import time

import numpy

PROJECT = pathlib.Path(__file__).resolve().parent.parent


def run(*command):
    """Returns what a program prints; ends with all that it says where it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def processor():
    """The name of the processor, and what it can do."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    fields = {key.strip(): value for key, value in (line.split("\t: ", 1) for line in lines if "\t: " in line)}
    return f"{fields['model name']}, family {fields['cpu family']}, model {fields['model']}", fields["flags"].split()


def replace_between(page, name, text):
    """Puts text between the markers of a page."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, rest = page.read_text().split(begin)
    page.write_text(head + begin + text + end + rest.split(end)[1])


class Compiled:
    """The C of a model with one input, and one output of which there are 10 numbers."""

    count = 0

    def __init__(self, nnc, model, folder, *arguments, compiler="clang", options=("-O2",)):
        # A library of a name is loaded once only.
        Compiled.count += 1
        source, library = pathlib.Path(folder) / f"net{Compiled.count}.c", pathlib.Path(folder) / f"net{Compiled.count}.so"
        run(nnc, "build", model, "-o", source, "--name", "net", "--report", f"{source}.txt", *arguments)
        run(compiler, "-std=c99", *options, "-shared", "-fPIC", source, "-o", library, "-lm")
        self.report = pathlib.Path(f"{source}.txt").read_text()
        self.function = ctypes.CDLL(str(library)).net_run
        size = int(re.search(r"NET_ARENA_BYTES (\d+)", source.with_suffix(".h").read_text())[1])
        self.memory = numpy.zeros(size + 64, numpy.uint8)
        self.arena = ctypes.c_void_p(self.memory.ctypes.data + -self.memory.ctypes.data % 64)

    def __call__(self, image):
        """Returns the output, and the seconds it took."""
        image, scores = numpy.ascontiguousarray(image, numpy.float32), numpy.zeros((1, 10), numpy.float32)
        inputs, outputs = (ctypes.c_void_p * 1)(image.ctypes.data), (ctypes.c_void_p * 1)(scores.ctypes.data)
        start = time.perf_counter()
        if self.function(inputs, outputs, self.arena) != 0:
            sys.exit("the C returned an error")
        return scores, time.perf_counter() - start

    def answers(self, images):
        """The place of the largest output for each image."""
        return numpy.array([self(image)[0].argmax() for image in images])
