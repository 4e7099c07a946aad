import Foundation
import Host
import Testing

/// `nnc build --weights`, and `nnc run` and `nnc check` with it.
@Suite struct WeightFormCommandTests {
  let nnc: NNCProgram
  init() throws { nnc = try NNCProgram() }

  private func report(_ options: String) throws -> [String: Any] {
    let result = try nnc("build tiny.nnc -o model.c --report r.json \(options)")
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(nnc.read("r.json").utf8)) as? [String: Any])
  }

  @Test(arguments: ["array", "string", "incbin", "embed", "external"])
  func writesFilesAndSaysSo(form: String) throws {
    let hasFile = !["array", "string"].contains(form)
    let report = try report("--weights \(form)")
    let file = hasFile ? ["model.weights.bin"] : []
    #expect(try nnc.files() == ["model.c", "model.h"] + file + ["r.json", "tiny.nnc"])
    let weights = try #require(report["weights"] as? [String: Any])
    #expect(weights["form"] as? String == form && weights["bytes"] as? Int == 2864)
    #expect((weights["file"] as? [String: Any])?["name"] as? String == file.first)
    let size = try file.map { try Data(contentsOf: nnc.folder.url.appendingPathComponent($0)).count }
    #expect((weights["file"] as? [String: Any])?["bytes"] as? Int == size.first)
    // Three arrays, of which that with 16 bytes is too small for a file.
    let flash = ["array": 2864, "string": 2872, "incbin": 2864, "embed": 16 + 16 + 2848, "external": 16]
    #expect(report["flashBytes"] as? Int == flash[form])
    #expect(try nnc.read("model.h").contains("MODEL_FLASH_BYTES \(flash[form]!)\n"))
    let text = try nnc("build tiny.nnc -o model.c --report - --weights \(form)").output
    #expect(text.contains("model.weights.bin") == hasFile && text.contains("\nweights  ") == (form != "array"))
  }

  @Test func namesTheFileAfterTheSource() throws {
    #expect(try nnc("build tiny.nnc -o my-net.c --name net --weights incbin").exitCode == 0)
    #expect(try nnc.files() == ["my-net.c", "my-net.h", "my-net.weights.bin", "tiny.nnc"])
    #expect(try nnc.read("my-net.c").contains("#define NET_WEIGHTS_FILE \"my-net.weights.bin\"\n"))
    try CCompiler.system().run(["-std=c99", "-Wall", "-Werror", "-c", "my-net.c"], in: nnc.folder.url)
  }

  @Test func leavesOldFilesAloneWhereItFails() throws {
    for name in ["model.c", "model.h", "model.weights.bin"] { try nnc.folder.write("old", to: name) }
    #expect(try nnc("build tiny.nnc -o model.c --weights external --report none/r.txt").exitCode == 1)
    #expect(try nnc("build tiny.nnc -o model.c --weights incbin --flash 1K").exitCode == 1)
    #expect(try nnc.files() == ["model.c", "model.h", "model.weights.bin", "tiny.nnc"])
    for name in ["model.c", "model.h", "model.weights.bin"] { #expect(try nnc.read(name) == "old") }
  }

  /// Weights outside the program are no part of its flash.
  @Test func countsWhatIsInTheProgram() throws {
    #expect(try nnc("build tiny.nnc -o model.c --weights external --flash 16").exitCode == 0)
    let result = try nnc("build tiny.nnc -o model.c --weights external --flash 15")
    #expect(result.errors.contains("the weights take 16 bytes, 1 more than --flash allows (15)"))
    #expect(result.errors.contains("16 bytes  b f32[4]\n") && !result.errors.contains("m f32[640]"))
  }

  @Test func refusesWhatCannotWork() throws {
    let result = try nnc("build tiny.nnc -o model.c --weights external --target avr")
    #expect(result.exitCode == 64 && result.errors.contains("use --weights array, string, incbin or embed"))
    #expect(try nnc("build tiny.nnc -o model.c --weights file").exitCode == 64)
    #expect(try nnc.files() == ["tiny.nnc"])
    #expect(try nnc("build tiny.nnc -o model.c --weights incbin --target avr").exitCode == 0)
  }

  @Test(arguments: ["string", "incbin", "external"])
  func runsAndChecksWithWeightsAsAsked(form: String) throws {
    let result = try nnc("check tiny.nnc --weights \(form)")
    #expect(result.exitCode == 0 && result.output.hasSuffix("ok: the C computes what the model says\n"))
  }

  /// The compiler of a target counts the same code, and the weights where they are.
  @Test(arguments: ["string", "incbin", "external"])
  func measuresForATarget(form: String) throws {
    guard CCompiler("arm-none-eabi-gcc") != nil, CCompiler("arm-none-eabi-objdump") != nil else {
      print("skipped: there is no arm-none-eabi-gcc")
      return
    }
    let report = try report("--weights \(form) --target cortex-m4")
    let footprint = try #require(report["footprint"] as? [String: Any])
    #expect(footprint["compiler"] as? String != nil)
    let constants = footprint["constantBytes"] as? Int ?? 0
    #expect(form == "external" ? constants < 100 : (2800..<2900).contains(constants), "\(constants)")
    for step in report["steps"] as? [[String: Any]] ?? [] { #expect(step["tableBytes"] as? Int ?? 0 < 64) }
  }

  /// Without #embed there is nothing to count, except by clang.
  @Test func measuresWithTheCompilerThatHasEmbed() throws {
    let report = try report("--weights embed --target cortex-m4")
    if let reason = report["footprintUnknown"] as? String {
      #expect(reason.contains("with #embed"))
    } else {
      for step in report["steps"] as? [[String: Any]] ?? [] { #expect(step["tableBytes"] as? Int ?? 0 < 64) }
    }
  }

  @Test func linksWithTheSharedRuntime() throws {
    let runtime = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../runtime")
      .standardized.path
    for form in ["string", "incbin", "embed", "external"] {
      #expect(try nnc("build tiny.nnc -o \(form).c --weights \(form) --runtime link").exitCode == 0)
    }
    let sources = ["string.c", "incbin.c", "external.c"] + (try CCompiler.system().hasEmbed([]) ? ["embed.c"] : [])
    try CCompiler.system().run(
      ["-std=c99", "-Wall", "-Wextra", "-Werror", "-I", runtime, "-fPIC", "-shared", "-Wl,--no-undefined"] + sources
        + ["\(runtime)/nnc_runtime.c", "-lm", "-o", "models.so"], in: nnc.folder.url)
  }
}
