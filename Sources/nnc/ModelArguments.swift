import ArgumentParser
import Host
import IR
import Importers
import Passes
import Targets

/// The model that a command works on, and what is decided about it when it is read.
struct ModelArguments: ParsableArguments {
  @Argument(help: "A model: .json, .onnx or .nnc.", completion: .file(extensions: ["json", "onnx", "nnc"]))
  var model: String

  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp(
      "The extent of a dynamic dimension, or the length of an input that is a sequence; repeatable.",
      valueName: "NAME=N"))
  var dims: [DimensionBinding] = []

  @Option(
    name: .customLong("freeze"),
    help: ArgumentHelp(
      "Makes an input of an ONNX model a constant: a number, true, false, a list such as [1,2], or a .npy file; "
        + "repeatable.", valueName: "NAME=VALUE"))
  var frozen: [FrozenInput] = []

  func validate() throws {
    for (name, kind) in [(dims.map(\.name), "--dim"), (frozen.map(\.name), "--freeze")] {
      if let twice = name.indices.first(where: { name[..<$0].contains(name[$0]) }) {
        throw ValidationError("\(kind) \(name[twice]) is given twice")
      }
    }
  }

  /// Reads the model.
  func load() throws -> Graph {
    Terminal.progress("reading \(model)")
    var options = LoadOptions()
    for dim in dims { options.dims[dim.name] = dim.extent }
    for input in frozen { options.frozen[input.name] = try input.tensor() }
    return try loadModel(at: model, options: options)
  }
}

/// The passes of a build, and the target by which they and the kernels are chosen.
struct PassArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Passes between those that simplify the model and those that choose kernels, as in \"a,b{option: 1}\"; `nnc passes` lists them.",
      valueName: "a,b"))
  var passes = ""
  @OptionGroup var calibration: CalibrationArguments
  @Option(
    name: .customLong("target"),
    help:
      "The processor for which kernels are chosen and memory is laid out; host is this machine. By default host for bench, generic for others."
  )
  var requestedTarget: Target?

  /// The target: that of `--target`, or `generic`; without room for larger constants where size matters more than speed.
  var target: Target {
    var target = requestedTarget ?? .generic
    if optimize == .size { target.constantGrowth = 0 }
    return target
  }

  @Option(help: "What matters where both cannot be had: the time that a run takes, or the size of the code.")
  var optimize = Goal.speed

  /// What a build makes the best of.
  enum Goal: String, ExpressibleByArgument, CaseIterable {
    case speed, size

    /// The passes that serve it alone.
    fileprivate var passes: [Pass] { self == .size ? Pipeline.small.passes : [] }

    /// The options with which compilers of microcontrollers serve it.
    var compilerOptions: [String] { self == .size ? ["-Os"] : ["-O2"] }

    /// The options with which those of a computer do.
    fileprivate var hostOptions: [String] { self == .size ? ["-Os"] : ["-O3"] }
  }

  /// How the C is meant to be compiled for a computer.
  ///
  /// - Parameter cflags: What the user asks for: it takes the place of the level of optimization, and comes last, so that it counts.
  func hostOptions(cflags: String? = nil) -> [String] {
    ["-std=c99"] + target.machineOptions + (cflags?.split(separator: " ").map(String.init) ?? optimize.hostOptions)
  }

  /// The passes of a build with these options.
  func pipeline() throws -> Pipeline {
    Pipeline(Pipeline.canonicalize.passes + (try pipelineAfterCanonicalize().passes))
  }

  /// Those of them that follow the passes that simplify the model.
  func pipelineAfterCanonicalize() throws -> Pipeline {
    Pipeline(
      (try Pipeline(names: passes)).passes + Pipeline.lower(for: target).passes + optimize.passes
        + Pipeline.store.passes)
  }

  /// Those of `--passes` up to the last that approximates.
  func pipelineOfApproximations() throws -> Pipeline {
    let named = try Pipeline(names: passes).passes
    return Pipeline(Array(named[..<((named.lastIndex { $0.preserves == .approximately } ?? -1) + 1)]))
  }

  /// Those that follow these.
  func pipelineAfterApproximations() throws -> Pipeline {
    Pipeline(Array(try pipelineAfterCanonicalize().passes.dropFirst(pipelineOfApproximations().passes.count)))
  }

  func validate() throws {
    do { _ = try Pipeline(names: passes) } catch let error as Diagnostic { throw ValidationError(error.message) }
  }
}

extension Target: ExpressibleByArgument {
  /// The target of a name.
  public init?(argument: String) {
    guard let target = argument == "host" ? .host : Target.all.first(where: { $0.name == argument }) else { return nil }
    self = target
  }

  public var defaultValueDescription: String { name }
  public static var allValueStrings: [String] { [generic.name, "host"] + all.dropFirst().map { $0.name } }
}

/// The extent of a dimension, as in `batch=1`.
struct DimensionBinding: ExpressibleByArgument {
  let name: String
  let extent: Int

  init?(argument: String) {
    guard let (name, value) = nameAndValue(argument), let extent = Int(value), extent >= 0 else { return nil }
    (self.name, self.extent) = (name, extent)
  }
}

/// The value of an input that becomes a constant, as in `training=false`.
struct FrozenInput: ExpressibleByArgument {
  let name: String
  let value: String

  init?(argument: String) {
    guard let (name, value) = nameAndValue(argument) else { return nil }
    (self.name, self.value) = (name, value)
  }

  /// The value: of i64 where it is written as integers, of f32 where one has a fraction.
  func tensor() throws -> Tensor {
    if value.hasSuffix(".npy") { return try NpyFile.read(value) }
    let isList = value.hasPrefix("[") && value.hasSuffix("]")
    let list = isList ? value.dropFirst().dropLast() : value[...]
    let words = list.split(separator: ",").map { $0.filter { $0 != " " } }
    let shape: Shape = isList ? [words.count] : []
    let bools = words.compactMap { Bool($0) }
    if bools.count == words.count, isList || words.count == 1 { return Tensor(bools, shape: shape) }
    let integers = words.compactMap { Int64($0) }
    if integers.count == words.count, isList || words.count == 1 { return Tensor(integers, shape: shape) }
    let reals = words.compactMap { Float($0) }
    guard reals.count == words.count, isList || words.count == 1 else {
      throw Diagnostic(
        "--freeze \(name): '\(value)' is not a value; write a number, true, false, a list such as [1,2], or the path of a .npy file"
      )
    }
    return Tensor(reals, shape: shape)
  }
}

/// The parts of `NAME=VALUE`; the name ends at the last `=`, so that it may contain others.
private func nameAndValue(_ argument: String) -> (String, String)? {
  guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else { return nil }
  let value = argument[argument.index(after: equals)...]
  return value.isEmpty ? nil : (String(argument[..<equals]), String(value))
}

/// A number of bytes, as in `512`, `64K` or `1M`.
package struct ByteCount: ExpressibleByArgument {
  package let bytes: Int

  package init?(argument: String) {
    var digits = argument.uppercased()
    if digits.hasSuffix("B") { digits.removeLast() }
    if digits.hasSuffix("I") { digits.removeLast() }
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let factor = digits.last.flatMap { factors[$0] } ?? 1
    if factor > 1 { digits.removeLast() }
    guard let number = Int(digits), number >= 0 else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    self.bytes = bytes
  }
}
