import Foundation
import Testing

/// cmake/nncConfig.cmake in the example and in projects that do what the example does not.
@Suite struct CMakeTests {
  @Test(arguments: ["Unix Makefiles", "Ninja", "Ninja Multi-Config"])
  func buildsTheExample(generator: String) throws {
    let program = generator == "Unix Makefiles" ? "make" : "ninja"
    guard let space = try Workspace(needing: "cmake", program) else { return }
    try space.cmake(Workspace.source + "/integrations/cmake", ["-G", generator])
    let folder = generator.hasSuffix("Config") ? "build/Debug" : "build"
    let output = try space.run("\(folder)/digits", Workspace.source + "/samples/digits/test.bin")
    #expect(output.contains("Accuracy: 199 of 200"))
  }

  @Test func compilesTheExampleForAMicrocontroller() throws {
    guard let space = try Workspace(needing: "cmake", "arm-none-eabi-gcc") else { return }
    let example = Workspace.source + "/integrations/cmake"
    try space.cmake(example, ["-DCMAKE_TOOLCHAIN_FILE=\(example)/cortex-m4.cmake"])
    let symbols = try space.run("sh", "-c", "arm-none-eabi-nm -g $(find build -name '*.obj')")
    #expect(symbols.contains(" T digits_run\n") && symbols.contains(" T larger_run\n"))
  }

  @Test(arguments: ["Unix Makefiles", "Ninja"])
  func compilesModelsThatChanged(generator: String) throws {
    let program = generator == "Ninja" ? "ninja" : "make"
    guard let space = try Workspace(needing: "cmake", program) else { return }
    try space.run("sh", "-c", "mkdir 'the models' && cp \(Workspace.source)/samples/digits/digits.* 'the models'")
    try space.write(project("nnc_add_model(models \"the models/digits.json\")"), to: "CMakeLists.txt")
    let note = "Compiling the model"
    #expect(try space.cmake(".", ["-G", generator]).contains(note))
    #expect(try !space.run("cmake", "--build", "build").contains(note))
    // The weights, of which CMakeLists.txt does not speak.
    try space.run("touch", "-d", "+1 second", "the models/digits.safetensors")
    #expect(try space.run("cmake", "--build", "build").contains(note))
    #expect(try space.read("build/nnc/models/digits.h").contains("digits_run("))
  }

  @Test func passesOptionsOn() throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    try space.write("graph g {\n  %x = Input : f32[4]\n  %y = Relu(%x)\n  return %y\n}\n", to: "g.nnc")
    let models = """
      set(NNC_TARGET cortex-m0)
      nnc_add_model(models g.nnc NAME a TARGET generic PASSES expand-composites remove-identity RAM 64K FLASH 1M)
      nnc_add_model(models g.nnc NAME b OPTIONS --name other --report "a report.txt")
      """
    try space.write(project(models), to: "CMakeLists.txt")
    let output = try space.cmake(".", ["-DCMAKE_VERBOSE_MAKEFILE=ON"])
    #expect(output.contains("--target generic --ram 64K --flash 1M --passes expand-composites,remove-identity\n"))
    #expect(output.contains("--target cortex-m0 --name other --report"))
    #expect(try space.read("build/nnc/models/b.h").contains("other_run("))
    #expect(try space.read("build/a report.txt").contains("arena"))
  }

  /// Weights that the assembler includes, and a file for the program to map.
  @Test(arguments: ["Unix Makefiles", "Ninja"])
  func compilesWeightsInFiles(generator: String) throws {
    let program = generator == "Ninja" ? "ninja" : "make"
    guard let space = try Workspace(needing: "cmake", program) else { return }
    let models = """
      nnc_add_model(models "\(Workspace.digits)" WEIGHTS incbin)
      nnc_add_model(models "\(Workspace.digits)" NAME passed WEIGHTS external)
      get_target_property(files models NNC_WEIGHTS)
      add_custom_target(flash ALL COMMAND ${CMAKE_COMMAND} -E copy ${files} "${CMAKE_BINARY_DIR}" DEPENDS ${files})
      """
    try space.write(project(models), to: "CMakeLists.txt")
    try space.cmake(".", ["-G", generator])
    #expect(
      try space.run("cmp", "build/passed.weights.bin", "build/digits.weights.bin") == "")
    #expect(try space.read("build/nnc/models/passed.h").contains("const void *weights, void *arena"))
  }

  /// Two targets of other folders have the same model; one links with keywords, the other without.
  @Test func addsModelsToTargetsOfOtherFolders() throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    let folders = "add_subdirectory(first)\nadd_subdirectory(second)\nadd_subdirectory(models)"
    try space.write(project(folders), to: "CMakeLists.txt")
    let code = "#include \"digits.h\"\nint main(void) { return digits_run(0, 0, 0) != 1; }\n"
    for (name, word) in [("first", "PRIVATE "), ("second", "")] {
      try space.write(code, to: "\(name)/main.c")
      try space.write(
        "add_executable(\(name) main.c)\ntarget_link_libraries(\(name) \(word)m)\n", to: "\(name)/CMakeLists.txt")
    }
    try space.write(
      "nnc_add_model(first \(Workspace.digits))\nnnc_add_model(second \(Workspace.digits) RUNTIME link)\n",
      to: "models/CMakeLists.txt")
    try space.cmake(".")
    try space.run("build/first/first")
    try space.run("build/second/second")
  }

  @Test(arguments: [
    ("nnc_add_model(none digits.json)", "nnc_add_model(none): there is no such target; add the library"),
    ("nnc_add_model(models none.json)", "there is no model"),
    ("nnc_add_model(models empty.c NAME)", "cannot use: NAME Expected: nnc_add_model(target model"),
    ("nnc_add_model(models empty.c RAMM 5)", "cannot use: RAMM 5 Expected:"),
    ("add_library(i INTERFACE)\nnnc_add_model(i empty.c)", "an interface library compiles nothing; give it a source"),
  ])
  func saysWhatIsWrong(line: String, message: String) throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    try space.write(project(line), to: "CMakeLists.txt")
    let output = space.failure(
      of: "cmake", "-S", ".", "-B", "build", "-Dnnc_DIR=\(Workspace.source)/cmake", "-DNNC_EXECUTABLE=\(Workspace.nnc)")
    #expect(output.contains(message))
  }

  @Test func saysWhereNncWasLookedFor() throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    let prefix = space.path + "/usr"
    try space.run("sh", Workspace.source + "/scripts/install", Workspace.nnc, prefix)
    try space.run("rm", "usr/bin/nnc")
    try space.write(project(""), to: "CMakeLists.txt")
    let output = space.failure(
      of: "cmake", "-S", ".", "-B", "build", "-Dnnc_ROOT=\(prefix)", environment: ["PATH": "/usr/bin:/bin"])
    #expect(output.contains("The program nnc was not found, neither in \(prefix)/bin nor in PATH."))
    #expect(output.contains("set -DNNC_EXECUTABLE=/path/to/nnc"))
  }

  /// A project with the library `models`.
  private func project(_ lines: String) -> String {
    """
    cmake_minimum_required(VERSION 3.20)
    project(test LANGUAGES C)
    find_package(nnc 0.1 REQUIRED)
    file(WRITE "${CMAKE_CURRENT_SOURCE_DIR}/empty.c" "typedef int empty;")
    add_library(models OBJECT empty.c)
    \(lines)

    """
  }
}
