/// The operand with elements added, or taken away where a number is negative, before and after each axis.
public struct Pad: Operation {
  public static let name = "Pad"
  public static let operands: Signature = ["data", "pads", "constant_value?", "axes?"]
  /// What the added elements are.
  public enum Mode: String, CaseIterable, Codable, Sendable {
    /// `constant_value`, or zero.
    case constant
    /// The elements mirrored at the first and the last one, which are not repeated.
    case reflect
    /// The first and the last element.
    case edge
    /// The elements from the other end.
    case wrap
  }
  /// What the added elements are.
  public var mode = Mode.constant
  public init() {}

  /// What is added along one axis.
  public struct AxisPad: Hashable, Sendable {
    /// The extent of the operand.
    public var extent: Int
    /// How many elements are added in front; taken away where negative.
    public var before = 0
    /// How many elements are added at the end; taken away where negative.
    public var after = 0

    /// The place in the operand of the element at `place` of the result, or nil where it is the constant.
    ///
    /// Elements are taken away before others are mirrored or repeated.
    public func source(of place: Int, _ mode: Mode) -> Int? {
      let first = max(0, -before)
      let count = extent - first - max(0, -after)
      let place = place - max(0, before)
      switch mode {
      case .constant:
        let source = place + first
        return (0..<extent).contains(source) ? source : nil
      case .edge: return first + min(max(place, 0), count - 1)
      case .wrap: return first + (place % count + count) % count
      case .reflect:
        let period = max(1, 2 * (count - 1))
        let phase = (place % period + period) % period
        return first + min(phase, period - phase)
      }
    }
  }

  /// What is added along each axis.
  public func pads(_ operands: Operands<Operand>) throws -> [AxisPad] {
    let shape = operands.first.shape
    let axes = try operands.knownIntegers(3, "axes").map { try shape.existingAxes($0) } ?? Array(shape.indices)
    let pads = try operands.knownIntegers(1, "pads")!
    try require(
      pads.count == 2 * axes.count,
      "operand 'pads' has \(pads.count) elements, but should have two for each of \(axes.count) axes")
    try require(
      pads.allSatisfy { $0.magnitude <= UInt(TensorType.maximumByteCount) },
      "operand 'pads' \(pads) has a number that is too large")
    var result = shape.map { AxisPad(extent: $0) }
    for (index, axis) in axes.enumerated() {
      result[axis].before = pads[index]
      result[axis].after = pads[index + axes.count]
    }
    return result
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireSameElement(0, 2, Self.operands)
    if let constant = operands[2] {
      try require(
        constant.type.elementCount == 1, "operand 'constant_value' is \(constant.type), but should be a scalar")
    }
    var type = operands.first.type
    for (axis, pad) in try pads(operands).enumerated() {
      let extent = pad.extent + pad.before + pad.after
      try require(extent >= 0, "axis \(axis) of \(operands.first.type) has fewer elements than 'pads' take away")
      let rest = pad.extent + min(0, pad.before) + min(0, pad.after)
      try require(
        mode == .constant || rest > 0 || extent == 0,
        "axis \(axis) of \(operands.first.type) is padded in mode \(mode.rawValue), but has no elements to repeat")
      type.shape[axis] = extent
    }
    return [type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, shape) = (operands.first, results[0].shape)
    let indices = Pad.sources(of: shape, in: data.shape, try pads(operands.asKnown), mode)
    guard let constant = operands[2], mode == .constant else { return [data.gathering(indices, shape: shape)] }
    let last = data.type.elementCount
    return [Tensor.joined([data, constant]).gathering(indices.map { $0 ?? last }, shape: shape)]
  }

  /// For each element of a result of `shape`, the offset in an operand of shape `data` of the one that it is, or nil
  /// where it is the constant.
  static func sources(of shape: Shape, in data: Shape, _ pads: [AxisPad], _ mode: Mode) -> [Int?] {
    guard shape.elementCount > 0 else { return [] }
    var indices: [Int?] = [0]
    for (axis, stride) in data.strides.enumerated() {
      let sources = (0..<shape[axis]).map { pads[axis].source(of: $0, mode).map { $0 * stride } }
      indices = indices.flatMap { base in sources.map { source in base.flatMap { base in source.map { base + $0 } } } }
    }
    return indices
  }
}
