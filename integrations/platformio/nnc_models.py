"""Compiles models to C with nnc before PlatformIO builds a project.

    extra_scripts = pre:nnc_models.py
    custom_nnc_models = one.onnx two.json     paths from the project, one for each model
    custom_nnc_options = --ram 16K            options of `nnc build`, for all of them

A model is compiled only if it, its weights, nnc or the options changed.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys

Import("env")  # noqa: F821, of SCons


def fail(message):
    sys.stderr.write(f"nnc: {message}\n")
    env.Exit(1)  # noqa: F821


def find_nnc():
    program = shutil.which(os.environ.get("NNC", "nnc"))
    if program is None:
        fail("the program was not found; install it, or set the environment variable NNC to its path")
    return program


def name_of_source(model):
    return re.sub(r"\W", "_", os.path.splitext(os.path.basename(model))[0]) + ".c"


def read_files(depfile):
    """The files of which a rule of make says that the C was made from them."""
    with open(depfile, encoding="utf-8") as file:
        rule = file.read().split("\n\n")[0].replace("\\\n", " ")
    paths = re.findall(r"(?:\\.|\$\$|[^\s\\$])+", rule)[1:]
    return [re.sub(r"\\(.)", r"\1", path).replace("$$", "$") for path in paths]


def is_current(source, command):
    """Whether the C was made by this command from files that have not changed since."""
    try:
        with open(source + ".command", encoding="utf-8") as file:
            if file.read() != shlex.join(command):
                return False
        made = os.path.getmtime(source)
        return all(os.path.getmtime(path) <= made for path in [command[0], *read_files(source + ".d")])
    except OSError:
        return False


def compile_model(nnc, model, options, source):
    """Compiles one model."""
    command = [nnc, "build", model, "-o", source, "--depfile", source + ".d", *options]
    if is_current(source, command):
        return
    print(f"Compiling the model {model} to C")
    if subprocess.run(command, check=False).returncode != 0:
        fail(f"{model} could not be compiled")
    with open(source + ".command", "w", encoding="utf-8") as file:
        file.write(shlex.join(command))


def compile_models(env):
    """Compiles all models of the project, and adds their C to it."""
    folder = os.path.join(env.subst("$BUILD_DIR"), "nnc", "sources")
    os.makedirs(folder, exist_ok=True)
    options = shlex.split(env.GetProjectOption("custom_nnc_options", ""))
    models = shlex.split(env.GetProjectOption("custom_nnc_models", ""))
    if not models:
        fail("platformio.ini names no models: custom_nnc_models = model.onnx")
    nnc = find_nnc()
    sources = {name_of_source(model): model for model in models}
    for file in os.listdir(folder):
        if re.sub(r"\.(h|c\.d|c\.command|weights\.bin)$", ".c", file) not in sources:
            os.remove(os.path.join(folder, file))
    for source, model in sources.items():
        compile_model(nnc, os.path.join(env.subst("$PROJECT_DIR"), model), options, os.path.join(folder, source))
    env.Append(CPPPATH=[folder])
    env.BuildSources(os.path.join("$BUILD_DIR", "nnc", "objects"), folder)


compile_models(env)  # noqa: F821
