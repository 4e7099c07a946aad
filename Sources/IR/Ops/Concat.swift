/// The operands one after the other along an axis.
public struct Concat: Operation {
  public static let name = "Concat"
  public static let operands: Signature = ["inputs..."]
  /// The axis; it counts from the end where it is negative. There is no default.
  public var axis: Int?
  public init() {}

  /// Creates a concatenation along an axis.
  public init(axis: Int) { self.axis = axis }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    guard let axis else {
      throw Diagnostic("attribute 'axis' is missing; it should be the axis along which operands are joined")
    }
    var type = operands.first.type
    let joined = try type.shape.existingAxis(axis)
    for (index, operand) in operands.all.enumerated().dropFirst() {
      let other = operand.type
      let fits =
        other.element == type.element && other.shape.rank == type.shape.rank
        && type.shape.indices.allSatisfy { $0 == joined || other.shape[$0] == type.shape[$0] }
      try require(
        fits,
        "operand \(index) is \(other), but should be as \(operands.first.type) except for the extent of axis \(joined)")
      type.shape[joined] = try checkedSum(type.shape[joined], other.shape[joined], of: "axis \(joined)")
    }
    return [type]
  }

  /// For each operand, how many elements of it lie together in the result.
  public func chunks(_ shapes: [Shape]) throws -> [Int] {
    let axis = try shapes[0].existingAxis(axis ?? 0)
    return shapes.map { $0.elementCount(of: axis..<$0.rank) }
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    if results[0].elementCount == 0 { return [operands.first.gathering([], shape: results[0].shape)] }
    let shapes = operands.all.map(\.shape)
    let chunks = try chunks(shapes)
    let starts = shapes.indices.map { index in shapes[..<index].reduce(0) { $0 + $1.elementCount } }
    let rounds = results[0].elementCount / chunks.reduce(0, +)
    var indices: [Int?] = []
    for round in 0..<rounds {
      for (start, chunk) in zip(starts, chunks) { indices += (0..<chunk).map { start + round * chunk + $0 } }
    }
    return [Tensor.joined(operands.all).gathering(indices, shape: results[0].shape)]
  }
}

extension Tensor {
  /// All elements of some tensors of one element type, one after the other.
  static func joined(_ tensors: [Tensor]) -> Tensor {
    let count = tensors.reduce(0) { $0 + $1.type.elementCount }
    return Tensor(TensorType(tensors[0].element, [count])) { bytes in
      var position = 0
      for tensor in tensors {
        tensor.withUnsafeBytes { source in
          UnsafeMutableRawBufferPointer(rebasing: bytes[position..<position + source.count]).copyMemory(from: source)
          position += source.count
        }
      }
    }
  }
}
