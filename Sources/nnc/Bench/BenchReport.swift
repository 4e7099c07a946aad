import CodegenC
import Foundation
import Host
import IR
import Targets

/// What `nnc bench` measured: the same numbers for people, for programs, and for a later run to compare with. Times are
/// microseconds.
package struct BenchReport: Codable {
  /// How long something took, over many samples.
  struct Times: Codable {
    let samples: Int
    let fastest: Double
    let lowerQuartile: Double
    let median: Double
    let upperQuartile: Double
    /// The mean of the samples between the quartiles.
    let middle: Double
  }

  /// A step of the C.
  struct Step: Codable {
    let name: String
    let operation: String
    let type: String
    let macs: Int
    let time: Times
    /// Of the time of all steps.
    let share: Double
    /// Multiply-accumulates in a second, and what part of what the machine can do those are that are not with padding; nil where there
    /// are none, or none of floats.
    let macsPerSecond: Double?
    let shareOfPeak: Double?
    /// Of a step that uses each number once, the bytes that it reads and writes in a second, and what part that is of what the
    /// machine reads.
    let bytesPerSecond: Double?
    let shareOfReading: Double?
  }

  /// How the C was compiled.
  struct Build: Codable {
    /// The version of the compiler, in its words.
    let compiler: String
    /// The program and its options.
    let command: String
  }

  let model: String
  let nncVersion: String
  let target: String
  let build: Build
  /// What the machine calls its processor.
  let machine: String
  /// What the machine adds in a second of products of floats, and reads of as many bytes as the model works on.
  let peakMACsPerSecond: Double
  let readBytesPerSecond: Double
  let workingBytes: Int
  let macs: Int
  let arenaBytes: Int
  let flashBytes: Int
  let stateBytes: Int
  let time: Times
  let runsPerSample: Int
  let macsPerSecond: Double
  let shareOfPeak: Double?
  /// What it takes to tell the time, which was taken off the times of steps.
  let clock: Double
  /// None where steps were not timed.
  let steps: [Step]
  /// What a run takes after its last step; nil where steps were not timed.
  let rest: Times?
}

extension BenchReport {
  /// Collects what was measured of the C that was generated for `graph`.
  init(_ measurement: Benchmark.Measurement, _ code: CModel, of graph: Graph, target: Target, build: Build) {
    model = graph.name
    nncVersion = nnc.nncVersion
    self.target = target.name
    self.build = build
    machine = Machine.name
    peakMACsPerSecond = measurement.productsPerSecond
    readBytesPerSecond = measurement.bytesPerSecond
    workingBytes = code.workingByteCount
    macs = graph.multiplyAccumulates
    (arenaBytes, flashBytes, stateBytes) = (code.memory.arenaByteCount, code.flashByteCount, code.stateByteCount)
    time = Times(measurement.whole)
    runsPerSample = measurement.runsPerSample
    clock = measurement.clock / 1000
    rest = measurement.rest.map { Times($0) }
    macsPerSecond = Self.rate(Double(macs), time.median) ?? 0
    let layers = code.steps.map { graph.nodes[$0.node] }.filter { graph.multiplyAccumulates(of: $0) > 0 }
    // A model with a layer of integers has no one peak, and what depends on data none that is known.
    let isFloat = !layers.isEmpty && layers.allSatisfy(graph.multipliesFloats)
    let products = layers.reduce(0) { $0 + graph.productsWithData(of: $1) }
    shareOfPeak = isFloat ? Self.rate(products, time.median).map { $0 / measurement.productsPerSecond } : nil
    let sum = measurement.steps.reduce(measurement.rest?.middle ?? 0) { $0 + $1.middle } / 1000
    let names = graph.displayNames
    steps = zip(code.steps, measurement.steps).map { step, times in
      Step(graph, step.node, name: names[step.node][0], Times(times), sum: sum, measurement)
    }
  }

  /// A number for each second, where `time` microseconds is what so many take; nil where that is less than the clock tells.
  fileprivate static func rate(_ count: Double, _ time: Double) -> Double? { time > 0 ? count / time * 1e6 : nil }
}

extension BenchReport.Times {
  fileprivate init(_ times: Benchmark.Measurement.Times) {
    (samples, fastest, lowerQuartile) = (times.samples, times.fastest / 1000, times.lowerQuartile / 1000)
    (median, upperQuartile, middle) = (times.median / 1000, times.upperQuartile / 1000, times.middle / 1000)
  }
}

extension BenchReport.Step {
  fileprivate init(
    _ graph: Graph, _ index: Int, name: String, _ time: BenchReport.Times, sum: Double,
    _ measurement: Benchmark.Measurement
  ) {
    let node = graph.nodes[index]
    self.name = name
    operation = node.op.opName
    type = node.types.map(\.description).joined(separator: ", ")
    macs = graph.multiplyAccumulates(of: node)
    self.time = time
    share = sum > 0 ? time.middle / sum : 0
    macsPerSecond = macs > 0 ? BenchReport.rate(Double(macs), time.middle) : nil
    let products = macs > 0 && graph.multipliesFloats(node) ? graph.productsWithData(of: node) : nil
    shareOfPeak = products.flatMap { BenchReport.rate($0, time.middle) }.map { $0 / measurement.productsPerSecond }
    bytesPerSecond = graph.bytesUsedOnce(by: node).flatMap { BenchReport.rate(Double($0), time.middle) }
    shareOfReading = bytesPerSecond.map { $0 / measurement.bytesPerSecond }
  }
}

extension Graph {
  /// Whether the products that a node adds up are those of f32, and as many for all data.
  fileprivate func multipliesFloats(_ node: Node) -> Bool {
    if node.op is SkippingDense { return false }
    let x = node.inputs.first.flatMap { $0 }.map { type(of: $0).element }
    return x == .f32 && node.types[0].element == .f32
  }

  /// How many products a node must compute: those with padding are 0.
  fileprivate func productsWithData(of node: Node) -> Double {
    let macs = Double(multiplyAccumulates(of: node))
    guard let op = node.op as? any ChannelsLastConvolution, let x = node.inputs.first.flatMap({ $0 }),
      let window = try? op.window(type(of: x).shape)
    else { return macs }
    return window.axes.reduce(macs) { products, axis in
      let taps = (0..<axis.output).reduce(0) { $0 + axis.taps(of: $1).count }
      return products * Double(taps) / Double(axis.output * axis.kernel)
    }
  }

  /// The bytes of all operands and results of a node that uses each element of its largest operand in one product; nil for
  /// others. Products of a matrix and a vector are such nodes.
  fileprivate func bytesUsedOnce(by node: Node) -> Int? {
    let macs = multiplyAccumulates(of: node)
    let largest = node.operands.map { type(of: $0).elementCount }.max() ?? 0
    guard macs > 0, macs <= largest, macs * 2 > largest else { return nil }
    return (node.operands.map { type(of: $0) } + node.types).reduce(0) { $0 + $1.byteCount }
  }
}

extension BenchReport {
  /// Reads the report that an earlier run has written.
  ///
  /// - Throws: A diagnostic if the file cannot be read, or holds something else.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic("cannot read '\(path)', which should be a report that nnc bench --report has written")
    }
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw Diagnostic("\(path) is no report of this version of nnc bench: \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "" : " in \(context.codingPath.map(\.stringValue).joined(separator: "."))"
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context): return "there is no '\(key.stringValue)'\(place(context))"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "\(context.debugDescription)\(place(context))"
    default: return "it is not JSON"
    }
  }

  /// The report for programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
