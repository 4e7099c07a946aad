import Foundation
import Host
import IR
import Testing

import nnc

/// `nnc bench`; how long things take is not asserted.
@Suite struct BenchCommandTests {
  let nnc: NNCProgram
  init() throws { nnc = try NNCProgram() }

  private func object(_ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(nnc.read(name).utf8)) as? [String: Any])
  }

  @Test func timesTheModelAndEachStepOfItsC() throws {
    let result = try nnc("bench tiny.nnc --layers --repeat 5 --report r.json")
    #expect(result.exitCode == 0, "\(result.errors)")
    let report = try object("r.json")
    let steps = try #require(report["steps"] as? [[String: Any]])
    #expect(try nnc("build tiny.nnc -o model.c --target host").exitCode == 0)
    let comments = try nnc.read("model.c").matches(of: /\/\* (\w+) = ([A-Z]\w+)\(/).map { $0.output }
    #expect(!comments.isEmpty && steps.count == comments.count)
    for (index, (step, (_, name, operation))) in zip(steps, comments).enumerated() {
      #expect(step["name"] as? String == String(name) && step["operation"] as? String == String(operation))
      let rows = result.output.matches(of: try Regex("\n +\(index + 1) +\(name) +\(operation) .* % *"))
      #expect(rows.count == 1, "\(result.output)")
      let time = try #require(step["time"] as? [String: Any])
      let figures = ["fastest", "lowerQuartile", "median", "upperQuartile"].compactMap { time[$0] as? Double }
      #expect(figures.count == 4 && figures == figures.sorted() && figures[0] >= 0)
      #expect(time["samples"] as? Int == 5)
    }
    let shares = steps.reduce(0) { $0 + ($1["share"] as? Double ?? 0) }
    #expect(shares > 0 && shares <= 1.0001)
    #expect(steps.reduce(0) { $0 + ($1["macs"] as? Int ?? 0) } == 5248 && report["macs"] as? Int == 5248)
    #expect(report["arenaBytes"] as? Int == 768 && report["flashBytes"] as? Int == 2864)
    #expect(report["workingBytes"] as? Int == 512 + 40 + 768 + 2864)
    for key in ["peakMACsPerSecond", "readBytesPerSecond", "clock"] {
      #expect(report[key] as? Double ?? 0 > 0, "\(key)")
    }
    // The product of a matrix and a vector reads each weight once; the convolution reads each many times.
    #expect(steps.map { $0["bytesPerSecond"] != nil } == steps.map { $0["operation"] as? String == "Dense" })
    for pattern in [
      #"time     \d+\.\d+ µs, the median of 5 "#, "MACs     5248, .* GMAC/s, .* % of the peak\n",
      "arena    768 bytes\n",
      "flash    2864 bytes of weights\n", " -std=c99 -march=native -O3\n", "after the last step", " sum ",
      #"The sum is \d+\.\d % of what a run takes"#, "Operations\n\n  operation +steps",
    ] { #expect(result.output.contains(try Regex(pattern)), "\(pattern)") }
  }

  @Test func timesTheModelAloneAsAsked() throws {
    try NpyFile.write(nnc.path("in.npy"), Tensor(random: TensorType(.f32, [1, 2, 8, 8]), seed: 5))
    let result = try nnc("bench tiny.nnc --inputs in.npy --target generic --cflags=-O1 --cc gcc --seconds 0.01")
    if CCompiler("gcc") == nil {
      print("skipped: there is no gcc")
      return #expect(result.exitCode == 1 && result.errors.contains("there is no C compiler 'gcc'"))
    }
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("gcc -std=c99 -O1\n") && result.output.contains("target   generic\n"))
    #expect(!result.output.contains("Steps"))
  }

  @Test func comparesWithAnEarlierRun() throws {
    #expect(try nnc("bench tiny.nnc --layers --repeat 5 --report r.json").exitCode == 0)
    let text = try nnc.read("r.json")
    /// The report with all times so many times as long.
    func scaled(_ factor: Double) throws -> BenchReport {
      let times = /"(fastest|lowerQuartile|median|middle|upperQuartile)" : ([0-9.e+-]+)/
      let scaled = text.replacing(times) { match in
        "\"\(match.output.1)\" : \((Double(match.output.2)! + 1) * factor)"
      }
      try nnc.folder.write(scaled, to: "made-up.json")
      return try BenchReport(contentsOf: nnc.path("made-up.json"))
    }
    let (now, slow) = (try scaled(100), try scaled(112))
    #expect(BenchComparison(now, now, threshold: 0.1).fault(earlier: "a.json") == nil)
    #expect(BenchComparison(slow, now, threshold: 0.1).fault(earlier: "a.json") == nil)
    #expect(BenchComparison(slow, now, threshold: 0.1).text(earlier: "a.json").contains(/Conv2D\) .* 10\.7 % faster\n/))
    #expect(BenchComparison(now, slow, threshold: 0.2).fault(earlier: "a.json") == nil)
    let fault = try #require(BenchComparison(now, slow, threshold: 0.1).fault(earlier: "a.json"))
    #expect(fault.message.hasPrefix("slower than in a.json by more than 10.0 %:\n  the model: "))
    #expect(fault.message.contains(/\(Conv2D\): .* µs before, .* now, 12\.0 % slower/))
    // The program itself compares before it writes.
    _ = try scaled(1e-9)
    let slower = try nnc("bench tiny.nnc --repeat 5 --baseline made-up.json --report new.json --target generic")
    #expect(slower.exitCode == 1 && slower.errors.contains("slower than in made-up.json by more than 10.0 %"))
    #expect(slower.output.contains("note: the command was ") && slower.output.contains("Compared with made-up.json"))
    #expect(try nnc.files() == ["made-up.json", "new.json", "r.json", "tiny.nnc"])
    _ = try scaled(1e9)
    #expect(try nnc("bench tiny.nnc --repeat 5 --baseline made-up.json").exitCode == 0)
  }

  @Test(arguments: [
    "bench", "bench tiny.nnc --seconds 0", "bench tiny.nnc --repeat 0", "bench tiny.nnc --report r.txt",
    "bench tiny.nnc --inputs in.txt", "bench tiny.nnc --threshold -1", "bench tiny.nnc --target cortex-m4",
  ])
  func refusesWrongUsage(arguments: String) throws {
    #expect(try nnc(arguments).exitCode == 64)
    #expect(try nnc.files() == ["tiny.nnc"])
  }

  @Test(arguments: [
    ("--cc no-such-compiler", "there is no C compiler 'no-such-compiler'"),
    ("--cflags=-fno-such-option", "-fno-such-option"),
    ("--cflags=-DNNC_RUN_STEP(a,b,c)=__builtin_trap()", "was ended by signal"),
    ("--baseline none.json", "cannot read 'none.json'"),
    ("--baseline tiny.nnc", "tiny.nnc is no report of this version of nnc bench: it is not JSON"),
    ("--baseline other.json", "other.json is no report of this version of nnc bench: there is no 'model'"),
    ("--inputs none.npz", "none.npz"),
  ])
  func saysWhatIsWrong(arguments: String, fault: String) throws {
    try nnc.folder.write("{}", to: "other.json")
    let result = try nnc("bench tiny.nnc --repeat 5 --report r.json \(arguments)")
    #expect(result.exitCode == 1 && result.errors.contains(fault), "\(result.errors)")
    #expect(try nnc.files() == ["other.json", "tiny.nnc"])
  }

  /// A model with a state, and one with inputs that no file needs to have.
  @Test func timesAModelWithAState() throws {
    let model = """
      graph counter {
        %h = Input : f32[4]
        %x = Input : f32[4]
        %y = Add(%x, %h)
        return %y
      }
      """
    try nnc.folder.write(model, to: "counter.nnc")
    try NpzArchive.write(nnc.path("in.npz"), [("x", Tensor([1, 2, 3, 4] as [Float]))])
    let result = try nnc("bench counter.nnc --stream h=y --inputs in.npz --repeat 5 --layers")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("state    16 bytes, kept from one run to the next\n"))
  }
}
