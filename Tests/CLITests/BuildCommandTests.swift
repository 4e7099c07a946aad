import Foundation
import Host
import Targets
import Testing

@Suite struct BuildCommandTests {
  let nnc: NNCProgram
  init() throws { nnc = try NNCProgram() }

  @Test func writesTheSameBytesInEveryProcess() throws {
    let result = try nnc("build tiny.nnc -o a/../model.c")
    #expect(result.exitCode == 1, "there is no folder a")
    for _ in 0..<2 { #expect(try nnc("build tiny.nnc -o model.c").exitCode == 0) }
    let first = try nnc.read("model.c")
    #expect(try nnc("build tiny.nnc -o model.c").errors == "")
    #expect(try nnc.read("model.c") == first)
    #expect(try nnc.files() == ["model.c", "model.h", "tiny.nnc"])
  }

  @Test func includesTheHeaderBesideIt() throws {
    #expect(try nnc("build tiny.nnc -o my-net.c").exitCode == 0)
    #expect(try nnc("build tiny.nnc -o other.c --name net").exitCode == 0)
    #expect(try nnc.read("my-net.h").contains("int my_net_run("))
    #expect(try nnc.read("other.h").contains("int net_run("))
    // Two models in one program.
    try CCompiler.system().run(["-std=c99", "-Wall", "-Werror", "-c", "my-net.c", "other.c"], in: nnc.folder.url)
  }

  @Test func namesTheFilesThatItRead() throws {
    try nnc.folder.write(tinyModel, to: "a#$b.nnc")
    #expect(try nnc("build a#$b.nnc -o model.c --depfile model.d").exitCode == 0)
    #expect(try nnc.read("model.d") == "model.c: \\\n  a\\#$$b.nnc\n\na\\#$$b.nnc:\n")
    let spec = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../samples/digits/digits.json"
    ).standardized.path
    #expect(try nnc("build \(spec) -o model.c --depfile model.d").exitCode == 0)
    #expect(try nnc.read("model.d").hasPrefix("model.c: \\\n  \(spec) \\\n  \(spec.dropLast(4))safetensors\n\n"))
  }

  @Test(arguments: ["-o model.c --ram 100", "-o model.c --flash 1K", "-o model.c --report none/report.json"])
  func leavesOldFilesAloneWhereItFails(options: String) throws {
    try nnc.folder.write("old source", to: "model.c")
    try nnc.folder.write("old header", to: "model.h")
    let result = try nnc("build tiny.nnc \(options)")
    #expect(result.exitCode == 1)
    #expect(result.errors.hasPrefix("nnc: error: "))
    #expect(try nnc.read("model.c") == "old source")
    #expect(try nnc.read("model.h") == "old header")
    #expect(try nnc.files() == ["model.c", "model.h", "tiny.nnc"])
  }

  @Test func namesWhatExceedsABudget() throws {
    #expect(try nnc("build tiny.nnc -o model.c --ram 64K --flash 1M").exitCode == 0)
    let result = try nnc("build tiny.nnc -o model.c --ram 767 --flash 2863")
    #expect(result.exitCode == 1)
    #expect(result.errors.contains("the weights take 2864 bytes, 1 more than --flash allows (2863)"))
    #expect(result.errors.contains("2560 bytes  m f32[640]\n    288 bytes  w f32[72]\n    16 bytes  b f32[4]"))
    #expect(result.errors.contains("the arena takes 768 bytes, 1 more than --ram allows (767)"))
    #expect(result.errors.contains(/most is live at step 2, 'p\w*':\n    512 bytes  c\n    256 bytes  p/))
  }

  @Test(arguments: [("cortex-m0", true), ("cortex-m4", false), ("riscv32", true), ("avr", false)])
  func choosesFixedPointForTargets(target: String, isFixed: Bool) throws {
    #expect(try nnc("build tiny.nnc -o model.c --target \(target)").exitCode == 0)
    let source = try nnc.read("model.c")
    #expect(source.contains("nnc_fixed_conv2d_f32(") == isFixed)
  }

  @Test(arguments: [("", true), ("--optimize size", false)])
  func constantsGrowOnlyForSpeed(arguments: String, hasTiles: Bool) throws {
    let text = """
      graph g {
        %x = Input : f32[1x8x16x16]
        %w = Constant random(1) : f32[8x8x3x3]
        %y = Conv(%x, %w) {pads: [1, 1, 1, 1]}
        return %y
      }

      """
    try nnc.folder.write(text, to: "conv.nnc")
    #expect(try nnc("build conv.nnc -o conv.c --target x86-64-v3 \(arguments)").exitCode == 0)
    #expect(try nnc.read("conv.c").contains("nnc_winograd_conv2d_f32(") == hasTiles)
  }

  @Test(arguments: [
    ("--target generic", "-O3"), ("", "-O3"), ("--target x86-64-v3", "-march=x86-64-v3 -O3"),
    ("--target aarch64 --optimize size", "-Os"),
    ("--target host", (Target.host.machineOptions + ["-O3"]).joined(separator: " ")),
  ])
  func saysHowTheCIsMeantToBeCompiled(arguments: String, options: String) throws {
    let result = try nnc("build tiny.nnc -o model.c \(arguments) --report -")
    #expect(result.exitCode == 0 && result.output.contains("\ncompile  with -std=c99 \(options)\n"), "\(result.output)")
  }

  @Test func namesTheTargetThatThisMachineIs() throws {
    #expect(try nnc("build tiny.nnc -o model.c --target host --report report.json").exitCode == 0)
    #expect(try nnc.read("report.json").contains("\"target\" : \"\(Target.runnable[0].name)\""))
    #expect(try nnc("check tiny.nnc --target host").exitCode == 0)
  }

  @Test func reportsTheSameAsTextAndAsJSON() throws {
    #expect(try nnc("build tiny.nnc -o model.c --report report.json").exitCode == 0)
    let object = try JSONSerialization.jsonObject(with: Data(nnc.read("report.json").utf8))
    let report = try #require(object as? [String: Any])
    #expect(report["macs"] as? Int == 4 * 2 * 9 * 64 + 64 * 10)
    #expect(report["flashBytes"] as? Int == 4 * (4 * 2 * 9 + 4 + 64 * 10))
    let steps = try #require(report["steps"] as? [[String: Any]])
    #expect(steps.reduce(0) { $0 + ($1["weightBytes"] as? Int ?? 0) } == report["flashBytes"] as? Int)
    #expect(steps.map { $0["liveBytes"] as? Int ?? 0 }.max() == report["arenaLowerBound"] as? Int)
    let text = try nnc("build tiny.nnc -o model.c --report -").output
    #expect(text.contains("MACs     5248\n"))
    #expect(text.contains("arena    \(report["arenaBytes"] as? Int ?? -1) bytes"))
  }

  @Test func writesTheIRAfterEachPass() throws {
    for _ in 0..<2 { #expect(try nnc("build tiny.nnc -o model.c --dump-passes dump").exitCode == 0) }
    let files = try FileManager.default.contentsOfDirectory(atPath: nnc.path("dump")).sorted()
    #expect(files.first == "00-import.nnc")
    #expect(files.contains { $0.hasSuffix("-fuse-pool.nnc") })
    #expect(try nnc.read("dump/00-import.nnc").hasPrefix("# import: 5 operations\ngraph tiny {\n"))
    let index = try nnc.read("dump/index.txt").split(separator: "\n")
    #expect(index.count { !$0.hasSuffix("unchanged") } == files.count - 1)
    #expect(index.contains { $0.contains(" ms; unchanged") })
  }

  @Test(arguments: [
    "build tiny.nnc", "build tiny.nnc -o model.o", "build tiny.nnc -o model.c --target pdp11", "build -o model.c",
    "build tiny.nnc -o model.c --name 9", "build tiny.nnc -o model.c --ram 1Q", "build tiny.nnc -o model.c --passes x",
    "build tiny.nnc -o model.c --report r.html", "build tiny.nnc -o model.c --runtime shared",
    "build tiny.nnc -o model.c --dim a=1 --dim a=2", "build tiny.nnc -o model.c --report - --cflags -Os", "unknown",
  ])
  func refusesWrongUsage(arguments: String) throws {
    #expect(try nnc(arguments).exitCode == 64)
    #expect(try nnc.files() == ["tiny.nnc"])
  }

  @Test func pointsAtTheFaultOfAModel() throws {
    try nnc.folder.write("graph g {\n  %x = Input : f32[2]\n  %y = Relu(%z)\n  return %y\n}\n", to: "bad.nnc")
    let result = try nnc("build bad.nnc -o model.c")
    #expect(result.exitCode == 1)
    #expect(result.errors == "bad.nnc:3:13: error: %z is not defined before its use\n")
    let missing = try nnc("build none.onnx -o model.c")
    #expect(missing.exitCode == 1 && missing.errors.contains("none.onnx"))
  }
}
