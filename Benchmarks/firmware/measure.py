"""Compares what nnc and emx-onnx-cgen make of the same models: instructions and working memory on emulated boards.

    make -C Benchmarks/firmware            installs emx-onnx-cgen in a virtual environment, measures, and writes the table

Both compile the same ONNX file; one firmware has the C of both, compiled with the same options, runs both on the same
inputs and fails if their outputs differ. The table goes to docs/benchmarks.md, between the markers.
"""

import argparse
import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
SAMPLE = PROJECT / "samples" / "firmware"
PAGE = PROJECT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- firmware: begin -->", "<!-- firmware: end -->"

BOARDS = {
    "mps2-an385": "Cortex-M3",
    "mps2-an386": "Cortex-M4F",
    "mps2-an500": "Cortex-M7",
    "mps2-an505": "Cortex-M33",
    "mps3-an547": "Cortex-M55",
    "rv32imc": "RV32IMC",
}
MODELS = {
    "digits": "digits (samples/digits)",
    "mlperf_kws_f32": "keyword spotting",
    "mlperf_resnet8_f32": "image classification, ResNet8",
    "mlperf_ad01_f32": "anomaly detection",
}
TOOLS = ["arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "qemu-system-arm"]


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def model_file(name, models, build):
    """The ONNX file of a model, or None; the one of samples/digits is made from its spec."""
    if name == "digits":
        from digits_onnx import write

        write(PROJECT / "samples" / "digits" / "digits.json", build / "digits.onnx")
        return build / "digits.onnx"
    file = models / name / "model.onnx"
    return file if file.exists() else None


def compile_peer(model, out):
    """Everything in C and on the stack: no file of weights, no heap."""
    emx = pathlib.Path(sys.executable).with_name("emx-onnx-cgen")
    run(emx, "compile", "--model-name", "peer", "--restrict-arrays", "--large-weight-threshold", 0,
        "--large-temp-threshold", 0, model, out)


def measure(nnc, model, name, board, peer, build):
    """What the firmware prints, by its labels."""
    text = run("make", "-C", SAMPLE, "-f", HERE / "compare.mk", "run", "sizes", f"NNC={nnc}", f"BUILD={build}", f"BOARD={board}",
               f"MODEL={model}", f"NAME={name}", f"PEER={peer}")
    return {m[1]: int(m[2]) for m in re.finditer(r"^([a-z-]+) (\d+) ", text, re.MULTILINE)}


def rows(arguments):
    """The lines of the table."""
    for name, title in MODELS.items():
        model = model_file(name, arguments.models, arguments.build)
        if model is None:
            print(f"skipped: {name}: not in {arguments.models}; NNC_SHARED names the folder with the models")
            continue
        peer = arguments.build / f"{name}.peer.c"
        compile_peer(model, peer)
        for board, core in BOARDS.items():
            facts = measure(arguments.nnc, model, name, board, peer, arguments.build)
            ratio = facts["peer"] / facts["nnc"]
            own, other = ([f"{facts[tool + what]:,}".replace(",", " ") for what in ("", "-memory", "-flash")]
                          for tool in ("nnc", "peer"))
            figures = [own[0], other[0], f"{ratio:.2f}", own[1], other[1], own[2], other[2]]
            line = f"| {' | '.join([title, core, *figures])} |"
            print(line, flush=True)
            yield line


def versions(nnc):
    tools = [run(nnc, "--version").strip(), f"emx-onnx-cgen {importlib.metadata.version('emx-onnx-cgen')}"]
    tools += [run(tool, "--version").splitlines()[0] for tool in TOOLS]
    return ", ".join(re.sub(r"^(\d)", r"nnc \1", tool) for tool in tools)


def write_page(lines, nnc):
    text = PAGE.read_text()
    if BEGIN not in text or END not in text:
        sys.exit(f"{PAGE}: expected the lines {BEGIN} and {END}, between which the table goes")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = ["| model | core | instructions: nnc | emx | ratio | RAM: nnc | emx | flash: nnc | emx |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|", *lines]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(table) + f"\n\nWith {versions(nnc)}.\n{END}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nnc", type=pathlib.Path, default=PROJECT / ".build/release/nnc", help="the compiler to measure")
    parser.add_argument("--build", type=pathlib.Path, default=PROJECT / "build/firmware-benchmark", help="for files")
    shared = pathlib.Path(os.environ.get("NNC_SHARED", PROJECT.parent / "shared"))
    parser.add_argument("--models", type=pathlib.Path, default=shared / "models", help="the folder with the models")
    arguments = parser.parse_args()
    arguments.nnc, arguments.build = arguments.nnc.resolve(), arguments.build.resolve()
    arguments.build.mkdir(parents=True, exist_ok=True)
    lines = list(rows(arguments))
    write_page(lines, arguments.nnc)


if __name__ == "__main__":
    main()
