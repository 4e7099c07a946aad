/// An operation that computes one element from all elements along some axes.
///
/// The axes are an operand; where there are none, all are meant, or none at all with `noop_with_empty_axes`. Along no
/// axes each element is a group of its own, so that for example `ReduceSumSquare` still squares it. Integers wrap.
public protocol Reduction: Operation {
  /// The types of element for which it is defined.
  static var accepts: ElementClass { get }
  /// Whether reduced axes remain, with extent 1.
  var keepdims: Bool { get }
  /// Whether no axes means none instead of all.
  var noopWithEmptyAxes: Bool { get }
  /// The result for a group of floats, which may be empty.
  func real(_ x: [Double]) -> Double
  /// The result for a group of integers or bools, or nil where it is `real` that defines it, cut towards zero.
  func integer(_ x: [Int128], _ element: ElementType) -> Int128?
}

/// Which axes of a tensor a reduction reduces.
public struct ReducedAxes: Hashable, Sendable {
  /// The shape of the operand.
  public let shape: Shape
  /// The reduced axes, in increasing order.
  public let reduced: [Int]
  /// The other axes, in increasing order.
  public let kept: [Int]

  /// The shape of the result.
  public func resultShape(keepingAxes: Bool) -> Shape {
    keepingAxes ? Shape(shape.indices.map { kept.contains($0) ? shape[$0] : 1 }) : shape.selecting(kept)
  }

  /// Where in the operand the group of each element of the result starts.
  public var starts: [Int] { offsets(of: kept) }
  /// Where the elements of a group lie, relative to its start.
  public var groupOffsets: [Int] { offsets(of: reduced) }

  private func offsets(of axes: [Int]) -> [Int] {
    let strides = shape.strides
    return shape.selecting(axes).offsets(strides: axes.map { strides[$0] })
  }
}

extension Reduction {
  public static var operands: Signature { ["data", "axes?"] }
  public static var accepts: ElementClass { .numbers }

  /// The axes that are reduced.
  public func reducedAxes(_ operands: Operands<Operand>) throws -> ReducedAxes {
    let shape = operands.first.shape
    let axes = try operands.knownIntegers(1, "axes") ?? []
    let all = axes.isEmpty && !noopWithEmptyAxes
    let reduced = all ? Array(shape.indices) : try shape.existingAxes(axes).sorted()
    return ReducedAxes(shape: shape, reduced: reduced, kept: shape.indices.filter { !reduced.contains($0) })
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let data = operands.first
    try Self.accepts.require(data.element)
    return [TensorType(data.element, try reducedAxes(operands).resultShape(keepingAxes: keepdims))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, type) = (operands.first, results[0])
    if type.elementCount == 0 { return [data.gathering([], shape: type.shape)] }
    let axes = try reducedAxes(operands.asKnown)
    let (starts, group) = (axes.starts, axes.groupOffsets)
    if !data.element.isFloat {
      let integers = data.integers
      let reduced = starts.map { start in integer(group.map { integers[start + $0] }, data.element) }
      if !reduced.contains(nil) { return [Tensor(type, integers: reduced.map { $0! })] }
    }
    let reals = data.reals
    return [Tensor(type, reals: starts.map { start in real(group.map { reals[start + $0] }) })]
  }

  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { nil }
}

extension ElementType {
  /// The least and the greatest integer or bool of the type.
  public var integerRange: ClosedRange<Int128> {
    if self == .bool { return 0...1 }
    return isUnsigned ? 0...(1 << bitWidth) - 1 : -(1 << (bitWidth - 1))...(1 << (bitWidth - 1)) - 1
  }
}
