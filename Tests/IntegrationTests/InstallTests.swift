import Testing

/// `make install`, and what finds what it installs.
@Suite struct InstallTests {
  /// An installation below a folder, as for a package, that is then moved to where it belongs.
  private func installed() throws -> Workspace? {
    guard let space = try Workspace(needing: "sh", "install", "cc") else { return nil }
    let prefix = space.path + "/usr"
    try space.run(
      "sh", Workspace.source + "/scripts/install", Workspace.nnc, prefix,
      environment: ["DESTDIR": space.path + "/stage"])
    try space.run("mv", "stage" + prefix, prefix)
    return space
  }

  private static let main = """
    #include "model.h"
    int main(void) {
      float x[MODEL_X_ELEMENTS] = {1, -1}, y[MODEL_Y_ELEMENTS];
      const model_inputs inputs = {x};
      const model_outputs outputs = {y};
      return model_run(&inputs, &outputs, 0) != 0 || y[0] != 1 || y[1] != 0;
    }

    """
  private static let model = "graph g {\n  %x = Input : f32[2]\n  %y = Relu(%x)\n  return %y\n}\n"

  @Test func pkgConfigFindsTheRuntime() throws {
    guard let space = try installed(), try Workspace(needing: "pkg-config") != nil else { return }
    try space.write(Self.model, to: "model.nnc")
    try space.write(Self.main, to: "main.c")
    let find = "PKG_CONFIG_PATH=\(space.path)/usr/lib/pkgconfig pkg-config nnc"
    try space.run("sh", "-c", "$(\(find) --variable=nnc) build model.nnc -o model.c --runtime link")
    try space.run(
      "sh", "-c",
      "cc $(\(find) --cflags) main.c model.c $(\(find) --variable=runtime_source) $(\(find) --libs) -o program")
    try space.run("./program")
    #expect(
      try "nnc " + space.run("sh", "-c", "\(find) --modversion") == "nnc " + space.run("usr/bin/nnc", "--version"))
  }

  @Test(arguments: ["embed", "link"])
  func cmakeFindsIt(runtime: String) throws {
    guard let space = try installed(), try Workspace(needing: "cmake") != nil else { return }
    try space.write(Self.model, to: "model.nnc")
    try space.write(Self.main, to: "main.c")
    try space.write(
      """
      cmake_minimum_required(VERSION 3.20)
      project(test LANGUAGES C)
      find_package(nnc 0.1 REQUIRED)
      add_executable(program main.c)
      nnc_add_model(program model.nnc RUNTIME \(runtime))

      """, to: "CMakeLists.txt")
    try space.run("cmake", "-S", ".", "-B", "build", "-DCMAKE_PREFIX_PATH=\(space.path)/usr")
    #expect(try space.read("build/CMakeCache.txt").contains("NNC_EXECUTABLE:FILEPATH=\(space.path)/usr/bin/nnc\n"))
    try space.run("cmake", "--build", "build")
    try space.run("build/program")
  }

  @Test func cmakeRefusesANewerVersion() throws {
    guard let space = try installed(), try Workspace(needing: "cmake") != nil else { return }
    for version in ["0.2", "1.0"] {
      try space.write(
        "cmake_minimum_required(VERSION 3.20)\nproject(p NONE)\nfind_package(nnc \(version) REQUIRED)\n",
        to: "CMakeLists.txt")
      let output = space.failure(of: "cmake", "-S", ".", "-B", "build", "-DCMAKE_PREFIX_PATH=\(space.path)/usr")
      #expect(output.contains("compatible with requested version \"\(version)\""))
    }
  }

  @Test func theArduinoScriptFindsTheProgramBesideIt() throws {
    guard let space = try installed() else { return }
    try space.write(Self.model, to: "model.nnc")
    try space.run("usr/bin/nnc-arduino-library", "model.nnc", "Library")
    #expect(try space.read("Library/src/model.h").contains("model_run("))
  }

  @Test func thePrefixIsAbsolute() throws {
    guard let space = try Workspace(needing: "sh") else { return }
    let output = space.failure(of: "sh", Workspace.source + "/scripts/install", Workspace.nnc, "usr")
    #expect(output.contains("PREFIX=usr should be an absolute path"))
  }
}
