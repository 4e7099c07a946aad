import Foundation
import Testing

/// What integrations/arduino/make-library makes, with a stand-in for the core of Arduino.
@Suite struct ArduinoTests {
  /// Inputs and outputs of several types, names that sketches use themselves.
  private static let model = """
    graph mixed {
      %setup = Input : f32[4]
      %loop = Input : i64[4]
      %w = Constant random(1) : f32[4x3]
      %y = MatMul(%setup, %w)
      %sum = Add(%loop, %loop)
      %less = Less(%loop, %sum)
      return %y, %sum, %less
    }

    """

  private func makeLibrary(in space: Workspace, of model: String, _ options: String...) throws {
    let script = Workspace.source + "/integrations/arduino/make-library"
    try space.run("sh", [script, model, "A Library"] + options, environment: ["NNC": Workspace.nnc])
  }

  @Test func makesALibrary() throws {
    guard let space = try Workspace(needing: "sh", "g++", "gcc") else { return }
    try space.write(Self.model, to: "my-net.nnc")
    try makeLibrary(in: space, of: "my-net.nnc", "--name", "net")
    let properties = try space.read("A Library/library.properties")
    for field in ["name=A Library", "version=1.0.0", "architectures=*", "includes=my_net.h"] {
      #expect(properties.contains(field + "\n"))
    }
    let keywords = try space.read("A Library/keywords.txt").split(separator: "\n")
    #expect(keywords.contains("net_run\tKEYWORD2") && keywords.contains("NET_SETUP_ELEMENTS\tLITERAL1"))
    try space.run("sh", "-c", "gcc -std=gnu11 -Wall -Wextra -Werror -c 'A Library/src/my_net.c' -o net.o")
    try compileSketch("g", "net", "-Wall -Wextra -Werror", in: space)
    #expect(
      try space.run("./sketch").hasPrefix(
        "y: 0.000000 0.000000 0.000000\nsum: 0 0 0 0\nless: 0 0 0 0\n0 microseconds\n"))
    // A second time, the properties remain.
    try space.write(properties.replacing("unknown", with: "me"), to: "A Library/library.properties")
    try makeLibrary(in: space, of: "my-net.nnc", "--name", "other")
    #expect(try space.read("A Library/library.properties").contains("author=me\n"))
    #expect(try space.read("A Library/src/my_net.h").contains("other_run("))
  }

  /// The sketch says where the address of the weights is missing.
  @Test func passesWeights() throws {
    guard let space = try Workspace(needing: "sh", "g++", "gcc") else { return }
    try makeLibrary(in: space, of: Workspace.digits, "--weights", "external")
    try space.run("sh", "-c", "gcc -std=gnu11 -Wall -Wextra -Werror -c 'A Library/src/digits.c' -o net.o")
    try compileSketch("g", "digits", "-Wall -Wextra -Werror", in: space)
    #expect(try space.run("./sketch").hasPrefix("error 1\n"))
  }

  /// The digits on an Arduino Uno, and on boards with more memory.
  @Test(arguments: [
    ("avr", "-mmcu=atmega328p", "avr"), ("avr", "-mmcu=atmega2560", "avr"),
    ("arm-none-eabi", "-mcpu=cortex-m0plus -mthumb --specs=nosys.specs", "cortex-m0"),
  ])
  func compilesForABoard(toolchain: String, options: String, target: String) throws {
    guard let space = try Workspace(needing: "sh", "\(toolchain)-gcc", "\(toolchain)-g++") else { return }
    try makeLibrary(in: space, of: Workspace.digits, "--target", target)
    let sections = "-Os -ffunction-sections -fdata-sections \(options)"
    try space.run(
      "sh", "-c", "\(toolchain)-gcc -std=gnu11 -Wall -Wextra -Werror \(sections) -c 'A Library/src/digits.c' -o net.o")
    try compileSketch("\(toolchain)-g", "digits", sections, in: space)
    let sizes = try space.sizes(of: "sketch", "\(toolchain)-size")
    let memory = sizes[1] + sizes[2]
    #expect(sizes[0] + sizes[1] < 32 << 10 && memory < (target == "avr" ? 2 : 8) << 10)
  }

  @Test func keepsTheStateOfAModel() throws {
    guard let space = try Workspace(needing: "sh", "g++", "gcc") else { return }
    try space.write(
      "graph net {\n  %x = Input : f32[1]\n  %old = Input : f32[1]\n  %one = Constant [1] : f32[1]\n"
        + "  %sum = Add(%x, %old)\n  %new = Add(%sum, %one)\n  return %sum, %new\n}\n", to: "net.nnc")
    try makeLibrary(in: space, of: "net.nnc", "--stream", "old=new")
    try space.run("gcc", "-std=gnu11", "-c", "A Library/src/net.c")
    try compileSketch("g", "net", "-Wall", in: space)
    #expect(try space.run("./sketch") == "sum: 0.000000\n0 microseconds\n")
  }

  @Test func needsAModelAndAFolder() throws {
    guard let space = try Workspace(needing: "sh") else { return }
    let script = Workspace.source + "/integrations/arduino/make-library"
    #expect(space.failure(of: "sh", script, "model.onnx").contains("usage: make-library MODEL FOLDER"))
    let message = space.failure(of: "sh", script, "model.onnx", "x", environment: ["NNC": "/none/nnc"])
    #expect(message.contains("there is no program /none/nnc: install nnc, or set NNC to its path"))
  }

  /// Compiles the example of the library as the IDE does, and links it with net.o.
  private func compileSketch(_ compiler: String, _ name: String, _ options: String, in space: Workspace) throws {
    try space.run(
      "sh", "-c",
      """
      \(compiler)++ -std=gnu++11 -fno-exceptions -fno-rtti -Wall -Werror \(options) \
      -I '\(Workspace.stubs)/arduino' -I 'A Library/src' -include Arduino.h \
      -x c++ -c 'A Library/examples/\(name)/\(name).ino' -o sketch.o
      \(compiler)cc \(options) -Wl,--gc-sections sketch.o net.o -lm -o sketch
      """)
  }
}
