import Foundation
import Host
import Testing

/// What `nnc build` says of the compiled C, and budgets that count it.
@Suite struct FootprintCommandTests {
  let nnc: NNCProgram
  init() throws { nnc = try NNCProgram() }

  /// Whether the compiler that is asked for a Cortex-M4 is here.
  private var hasCompiler: Bool {
    if CCompiler("arm-none-eabi-gcc") != nil && CCompiler("arm-none-eabi-objdump") != nil { return true }
    print("skipped: there is no arm-none-eabi-gcc")
    return false
  }

  private func report(_ options: String) throws -> [String: Any] {
    let result = try nnc("build tiny.nnc -o model.c --target cortex-m4 --report r.json \(options)")
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(nnc.read("r.json").utf8)) as? [String: Any])
  }

  @Test func countsCodeAndStackOfEachStep() throws {
    guard hasCompiler else { return }
    let report = try report("")
    let footprint = try #require(report["footprint"] as? [String: Any])
    let steps = try #require(report["steps"] as? [[String: Any]])
    let code = steps.reduce(0) { $0 + ($1["codeBytes"] as? Int ?? 0) }
    let functions = try #require(footprint["functions"] as? [[String: Any]])
    let run = try #require(functions.first { $0["name"] as? String == "model_run" })
    #expect(code > 0)
    #expect(footprint["codeBytes"] as? Int == code + (run["codeBytes"] as? Int ?? 0))
    // Compilers may make a small array a part of the code.
    let constants = footprint["constantBytes"] as? Int ?? 0
    #expect((2800...2864).contains(constants))
    // Each function has a frame of its own, and the steps are called one after the other.
    let deepest = steps.map { $0["stackBytes"] as? Int ?? 0 }.max() ?? 0
    #expect(deepest > 0 && footprint["stackBytes"] as? Int == run["stackBytes"] as? Int)
    #expect((footprint["stackBytes"] as? Int ?? 0) > deepest)
    let text = try nnc("build tiny.nnc -o model.c --target cortex-m4 --report -").output
    #expect(text.contains(/flash    \d+ bytes: \d+ of code, 28\d\d of weights and other constants\n/))
    #expect(text.contains(/RAM      \d+ bytes: 768 of arena, \d+ of stack; inputs and outputs not counted\n/))
    #expect(text.contains(/compiler arm-none-eabi-gcc.*\n .* -mcpu=cortex-m4 .*-O2\n/))
  }

  @Test func compilesAsAsked() throws {
    guard hasCompiler else { return }
    let sizes = try ["", "--cflags=-Os", "--cflags=-O3"].map { options in
      (try report(options)["footprint"] as? [String: Any])?["codeBytes"] as? Int ?? 0
    }
    #expect(sizes[1] < sizes[0] && sizes[0] < sizes[2], "\(sizes)")
    let failed = try nnc("build tiny.nnc -o model.c --target cortex-m4 --report r.txt --cflags=-fno-such-option")
    #expect(failed.exitCode == 1 && failed.errors.contains("-fno-such-option"))
  }

  @Test func holdsCodeAndStackAgainstBudgets() throws {
    guard hasCompiler else { return }
    let footprint = try #require(try report("")["footprint"] as? [String: Any])
    let stack = footprint["stackBytes"] as? Int ?? 0
    let flash = ["codeBytes", "constantBytes"].reduce(0) { $0 + (footprint[$1] as? Int ?? 0) }
    let build = "build tiny.nnc -o model.c --target cortex-m4"
    #expect(try nnc("\(build) --ram \(768 + stack) --flash \(flash)").exitCode == 0)
    let result = try nnc("\(build) --ram \(767 + stack) --flash \(flash - 1)")
    #expect(result.exitCode == 1)
    #expect(
      result.errors.contains(
        "code and weights, as compiled for cortex-m4, take \(flash) bytes, 1 more than --flash allows"))
    #expect(
      result.errors.contains("--optimize size and --cflags \"-Os -DNNC_INLINE=static\" may make the code smaller"))
    #expect(
      result.errors.contains("arena and stack, as compiled for cortex-m4, take \(768 + stack) bytes, 1 more than --ram")
    )
    #expect(result.errors.contains("\(stack) bytes  stack of model_run > "))
  }

  @Test func computesOneChannelAfterTheOtherForSize() throws {
    let build = "build tiny.nnc -o model.c --optimize"
    #expect(try nnc("\(build) size").exitCode == 0)
    #expect(try nnc.read("model.c").contains("1 /* panel */"))
    #expect(try nnc("\(build) speed").exitCode == 0)
    #expect(try !nnc.read("model.c").contains("1 /* panel */"))
    guard hasCompiler else { return }
    let sizes = try ["--optimize speed --cflags=-Os", "--optimize size"].map { options in
      (try report(options)["footprint"] as? [String: Any])?["codeBytes"] as? Int ?? 0
    }
    #expect(sizes[1] < sizes[0], "\(sizes)")
    #expect(try nnc("check tiny.nnc --optimize size").exitCode == 0)
  }

  @Test func measuresNothingForNoTarget() throws {
    let text = try nnc("build tiny.nnc -o model.c --report -").output
    #expect(text.contains("flash    2864 bytes of weights\n") && !text.contains("stack"))
  }
}
