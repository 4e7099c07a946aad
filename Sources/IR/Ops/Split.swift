/// Parts of the operand along an axis, one result each.
///
/// The parts are as large as `split` says, or as equal as `num_outputs` allows with only the last ones smaller.
public struct Split: ViewOperation {
  public static let name = "Split"
  public static let operands: Signature = ["input", "split?"]
  /// The axis; it counts from the end where it is negative.
  public var axis = 0
  /// How many parts there are where there is no `split`.
  public var numOutputs: Int?
  public init() {}

  /// The extent of each part along the axis.
  public func parts(_ operands: Operands<Operand>) throws -> [Int] {
    let axis = try operands.first.shape.existingAxis(axis)
    let extent = operands.first.shape[axis]
    if let split = try operands.knownIntegers(1, "split") {
      try require(numOutputs == nil || numOutputs == split.count, "has both 'split' and 'num_outputs', which differ")
      if let part = split.first(where: { $0 < 0 }) { throw Diagnostic("part \(part) in 'split' \(split) is negative") }
      try require(!split.isEmpty, "operand 'split' is empty, so there are no results")
      let total = split.reduce(Int128(0)) { $0 + Int128($1) }
      try require(
        total == Int128(extent),
        "the parts \(split) make \(total), but axis \(axis) of \(operands.first.type) has extent \(extent)")
      return split
    }
    guard let numOutputs else {
      throw Diagnostic("neither operand 'split' nor attribute 'num_outputs' says how to split")
    }
    try require((1...max(1, extent)).contains(numOutputs), "cannot split extent \(extent) into \(numOutputs) parts")
    try require(numOutputs <= 1 << 16, "\(numOutputs) results are too many; at most 65536 are possible")
    let part = (extent - 1) / numOutputs + 1
    return (0..<numOutputs).map { extent == 0 ? 0 : min(part, max(0, extent - $0 * part)) }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    let axis = try type.shape.existingAxis(axis)
    return try parts(operands).map { part in
      var shape = type.shape
      shape[axis] = part
      return TensorType(type.element, shape)
    }
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let shape = operands.first.shape
    let axis = try shape.existingAxis(axis)
    var start = 0
    return try resultTypes(operands).map { type in
      defer { start += type.shape[axis] }
      return StridedView(type.shape, start: start &* shape.strides[axis], strides: shape.strides)
    }
  }
}
