import IR
import Testing

/// Inputs of a network, and the outputs that another runtime computed for them, in order.
struct Recording {
  var inputs: [String: Tensor] = [:]
  var outputs: [Tensor] = []

  /// The samples that arrays hold, one or several along their first axis.
  ///
  /// - Parameter array: The array for "in" or "out", the name and the index of an input or output.
  static func samples(of graph: Graph, _ array: (String, String, Int) -> Tensor?) throws -> [Recording] {
    var samples: [Recording] = []
    func add(_ name: String, _ value: Value, _ tensor: Tensor?, _ set: (inout Recording, Tensor) -> Void) throws {
      let parts = try #require(tensor, "no array for \(name)").samples(of: graph.type(of: value))
      if samples.isEmpty { samples = [Recording](repeating: Recording(), count: parts.count) }
      try #require(parts.count == samples.count, "\(name): \(parts.count) samples instead of \(samples.count)")
      for (index, part) in parts.enumerated() { set(&samples[index], part) }
    }
    for (index, (name, value)) in graph.inputs.enumerated() {
      try add(name, value, array("in", name, index)) { $0.inputs[name] = $1 }
    }
    for (index, (name, value)) in graph.outputs.enumerated() {
      try add(name, value, array("out", name, index)) { $0.outputs.append($1) }
    }
    return samples
  }
}

extension Tensor {
  /// The tensor cut into tensors of one type, with which it agrees but for the extent of the first axis.
  func samples(of type: TensorType) throws -> [Tensor] {
    if self.type == type { return [self] }
    try #require(element == type.element && !shape.isEmpty && shape.dropFirst().elementsEqual(type.shape.dropFirst()))
    return (0..<shape[0] / type.shape[0]).map { index in
      withUnsafeBytes { bytes in
        Tensor(type) { $0.copyMemory(from: .init(rebasing: bytes[(index * type.byteCount)...].prefix(type.byteCount))) }
      }
    }
  }

  /// How this tensor differs from what was recorded, or nil.
  ///
  /// - Parameters:
  ///   - tolerance: By how much reals may differ, relative to the largest.
  ///   - step: By how much integers may differ.
  func difference(from recorded: Tensor, tolerance: Double, step: Int) -> String? {
    guard type == recorded.type else { return "\(type) instead of \(recorded.type)" }
    guard element.isFloat else {
      let worst = zip(integers, recorded.integers).map { abs($0 - $1) }.max() ?? 0
      return worst <= step ? nil : "an element differs by \(worst)"
    }
    let scale = recorded.reals.filter(\.isFinite).map(abs).max() ?? 0
    for (index, (found, right)) in zip(reals, recorded.reals).enumerated() {
      let isSame = found == right || (found.isNaN && right.isNaN) || abs(found - right) <= tolerance * scale
      if !isSame { return "element \(index) is \(found) instead of \(right), where the largest is \(scale)" }
    }
    return nil
  }
}
