"""Stands in for PlatformIO: runs an extra script in a project as SCons does, and compiles what it adds for this machine.

    platformio.py SCRIPT PROJECT BUILD OPTION=VALUE...
"""

import glob
import os
import subprocess
import sys

script, project, build, *options = sys.argv[1:]


class Environment:
    def __init__(self):
        self.variables = {"$PROJECT_DIR": project, "$BUILD_DIR": build}
        self.options = dict(option.split("=", 1) for option in options)
        self.folders = []

    def subst(self, text):
        for name, value in self.variables.items():
            text = text.replace(name, value)
        return text

    def GetProjectOption(self, name, default=None):
        return self.options.get(name, default)

    def Append(self, CPPPATH):
        self.folders += CPPPATH

    def BuildSources(self, objects, sources):
        for source in sorted(glob.glob(os.path.join(glob.escape(self.subst(sources)), "*.c"))):
            target = os.path.join(self.subst(objects), os.path.basename(source) + ".o")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            includes = [f"-I{folder}" for folder in self.folders]
            subprocess.run(["cc", "-std=c99", *includes, "-c", source, "-o", target], check=True)

    def Exit(self, status):
        sys.exit(status)


environment = Environment()
names = {"env": environment}
names["Import"] = lambda name: names.__getitem__(name)
with open(script, encoding="utf-8") as file:
    exec(compile(file.read(), script, "exec"), names)
