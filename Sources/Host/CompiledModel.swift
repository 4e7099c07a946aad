import CodegenC
import Foundation
import IR
import Targets

/// Generated models, compiled into one shared library that is loaded into this process.
public final class CompiledLibrary: @unchecked Sendable {  // the handle is not changed after creation
  private let handle: UnsafeMutableRawPointer
  private let folder: TemporaryFolder

  /// The options with which generated C is compiled to run on this machine.
  public static let defaultOptions = ["-std=c99", "-O2"]

  /// Compiles models, whose names must differ, and loads them.
  ///
  /// - Throws: A diagnostic with the words of the compiler.
  public init(_ models: [CModel], compiler: CCompiler, options: [String] = defaultOptions) throws {
    folder = try TemporaryFolder()
    for model in models { try folder.write(model) }
    let sources = models.map { $0.fileStem + ".c" }
    try compiler.run(options + ["-fPIC", "-shared", "-o", "models.so"] + sources + ["-lm"], in: folder.url)
    guard let handle = dlopen(folder.url.appendingPathComponent("models.so").path, RTLD_NOW | RTLD_LOCAL) else {
      throw Diagnostic("cannot load the compiled model: \(String(cString: dlerror()))")
    }
    self.handle = handle
  }

  deinit { dlclose(handle) }

  /// The weights of a model whose C does not have them.
  func weights(of model: CModel) throws -> TensorStorage? {
    guard model.weightForm == .external, let file = model.weightsFile else { return nil }
    return try TensorStorage.mapping(file: folder.url.appendingPathComponent(file.name).path)
  }

  /// The address of a symbol.
  func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, name) else { throw Diagnostic("the compiled model has no symbol \(name)") }
    return address
  }
}

/// A model that was compiled from generated C, and can be run.
public final class CompiledModel {
  private typealias Run = @convention(c) (UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer?) -> Int32
  private typealias RunWithWeights =
    @convention(c) (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32

  private let library: CompiledLibrary
  private let address: UnsafeMutableRawPointer
  private let weights: TensorStorage?
  private let inputs: [(name: String, type: TensorType)]
  private let outputs: [TensorType]
  private let arena: UnsafeMutableRawBufferPointer

  /// Creates the model that `library` has of `graph`.
  public init(_ model: CModel, of graph: Graph, in library: CompiledLibrary) throws {
    self.library = library
    address = try library.symbol("\(model.name)_run")
    weights = try library.weights(of: model)
    inputs = graph.inputs.map { ($0.name, graph.type(of: $0.value)) }
    outputs = graph.outputs.map { graph.type(of: $0.value) }
    arena = .allocate(byteCount: model.memory.arenaByteCount, alignment: 64)
  }

  /// Generates C for a graph, compiles it and loads it.
  ///
  /// - Parameters:
  ///   - options: How the C is compiled, besides what the target asks for where this machine runs code for it.
  ///   - weights: Where the C has its weights; where the compiler is fastest with them if nil.
  public convenience init(
    _ graph: Graph, target: Target = .generic, compiler: CCompiler, options: [String] = CompiledLibrary.defaultOptions,
    weights: WeightForm? = nil
  ) throws {
    let form = try weights ?? compiler.fastestForm(forWeightsOf: graph)
    let model = try CModel(graph, options: .init(target: target, weights: form))
    try self.init(
      model, of: graph, in: CompiledLibrary([model], compiler: compiler, options: options + target.optionsToRun))
  }

  deinit { arena.deallocate() }

  /// Returns the outputs for the given inputs, which have been checked against the graph.
  public func callAsFunction(_ tensors: [String: Tensor]) throws -> [Tensor] {
    // The arena is filled with NaNs, so that a read of memory that was not written shows.
    arena.initializeMemory(as: UInt8.self, repeating: 0xff)
    let results = outputs.map { type in
      UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, type.cByteCount), alignment: 64)
    }
    defer { for result in results { result.deallocate() } }
    let status = withPointers(to: inputs.map { tensors[$0.name]!.inMemoryOfC }) { pointers in
      let outputs = results.map { $0.baseAddress! }
      return pointers.withUnsafeBytes { inputs in
        outputs.withUnsafeBytes { outputs in
          // Structs of pointers lie in memory as arrays of pointers do.
          withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { none in
            run(inputs.baseAddress ?? UnsafeRawPointer(none.baseAddress!), outputs.baseAddress!)
          }
        }
      }
    }
    guard status == 0 else { throw Diagnostic("the compiled model returned error \(status)") }
    return zip(outputs, results).map { type, result in
      let bytes = UnsafeMutableRawBufferPointer(result)[..<type.cByteCount]
      if type.element == .bit {
        return Tensor(type, words: UnsafeRawBufferPointer(rebasing: bytes).bindMemory(to: UInt32.self))
      }
      return type.element.isPacked ? Tensor(type, codes: bytes) : Tensor(type) { $0.copyBytes(from: bytes) }
    }
  }

  /// Calls the function of the model with the structs of its inputs and outputs.
  private func run(_ inputs: UnsafeRawPointer, _ outputs: UnsafeRawPointer) -> Int32 {
    guard let weights else {
      return unsafeBitCast(address, to: Run.self)(inputs, outputs, arena.baseAddress)
    }
    return unsafeBitCast(address, to: RunWithWeights.self)(
      inputs, outputs, weights.bytes.baseAddress, arena.baseAddress)
  }

  /// Calls `body` with the addresses of the elements of all tensors.
  private func withPointers<R>(to tensors: [Tensor], _ body: ([UnsafeRawPointer]) -> R) -> R {
    func next(_ index: Int, _ pointers: [UnsafeRawPointer]) -> R {
      guard index < tensors.count else { return body(pointers) }
      return tensors[index].withUnsafeBytes { bytes in
        next(index + 1, pointers + [bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!])
      }
    }
    return next(0, [])
  }
}
