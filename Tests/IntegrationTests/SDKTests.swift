import Testing

/// The Zephyr module and the ESP-IDF component, in stand-ins for the CMake of these kits.
@Suite struct SDKTests {
  @Test(arguments: [false, true])
  func buildsTheZephyrSample(sharesKernels: Bool) throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    let options = ["-DZEPHYR_EXTRA_MODULES=\(Workspace.source)"]
    let zephyr = ["ZEPHYR_BASE": Workspace.stubs + "/zephyr"]
    let sample = Workspace.source + "/integrations/zephyr/samples/digits"
    if sharesKernels {
      try copy(sample, to: "app", sharingKernelsIn: "CMakeLists.txt", of: space)
      try space.cmake("app", options + ["-DEXTRA_SETTINGS=CONFIG_NNC_RUNTIME=y"], environment: zephyr)
    } else {
      try space.cmake(sample, options, environment: zephyr)
    }
    #expect(try space.run("build/zephyr_elf") == "digit 7\n")
  }

  @Test(arguments: [false, true])
  func buildsTheESPIDFExample(sharesKernels: Bool) throws {
    guard let space = try Workspace(needing: "cmake") else { return }
    let kit = ["IDF_PATH": Workspace.stubs + "/esp-idf"]
    let example = Workspace.source + "/integrations/esp-idf/example"
    if sharesKernels {
      try copy(example, to: "app", sharingKernelsIn: "main/CMakeLists.txt", of: space)
      try space.cmake("app", environment: kit)
    } else {
      try space.cmake(example, environment: kit)
    }
    #expect(try space.run("build/nnc_digits.elf") == "digit 7\n")
  }

  /// Copies an example, and lets its model call the kernels of the kit's library.
  private func copy(_ example: String, to folder: String, sharingKernelsIn file: String, of space: Workspace) throws {
    try space.run("cp", "-r", example, folder)
    let text = try space.read("\(folder)/\(file)")
    // The paths in it lead from where it was.
    let here = example + (file.contains("/") ? "/main" : "")
    let changed = text.replacing("RAM 2K", with: "RUNTIME link RAM 2K").replacing(
      "${CMAKE_CURRENT_SOURCE_DIR}", with: here
    )
    .replacing("${CMAKE_CURRENT_LIST_DIR}", with: here)
    #expect(changed != text)
    try space.write(changed, to: "\(folder)/\(file)")
    if file.contains("/") {
      let project = try space.read("\(folder)/CMakeLists.txt")
      try space.write(project.replacing("${CMAKE_CURRENT_LIST_DIR}", with: example), to: "\(folder)/CMakeLists.txt")
    }
  }
}
