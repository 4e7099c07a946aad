/// A way to read a tensor: its element at `start`, and from there with a stride along each of some axes.
///
/// The extents need not be those of the tensor that is made of the elements, but have the same number of elements.
public struct StridedView: Hashable, Sendable {
  /// How many elements are read along each axis.
  public var extents: Shape
  /// The offset of the first element.
  public var start: Int
  /// How far neighbours along each axis lie apart; 0 repeats an element, a negative number reads backwards.
  public var strides: [Int]

  /// Creates a view.
  public init(_ extents: Shape, start: Int = 0, strides: [Int]) {
    self.extents = extents
    self.start = start
    self.strides = strides
  }

  /// Whether the elements lie one after the other.
  public var isContiguous: Bool {
    zip(extents, zip(strides, extents.strides)).allSatisfy { extent, strides in extent == 1 || strides.0 == strides.1 }
      || extents.elementCount == 0
  }

  /// The offsets of all elements, in order.
  public var offsets: [Int] { extents.offsets(strides: strides, from: start) }

  /// The view with its axes in the order of `permutation`.
  public func transposed(_ permutation: [Int]) -> StridedView {
    StridedView(extents.selecting(permutation), start: start, strides: permutation.map { strides[$0] })
  }
}

/// An operation each of whose results is a view of its first operand.
public protocol ViewOperation: Operation {
  /// The view that each result is, for operands that `resultTypes(_:)` accepted.
  func views(_ operands: Operands<Operand>) throws -> [StridedView]
}

extension ViewOperation {
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    zip(try views(operands.asKnown), results).map { view, type in
      operands.first.gathering(view.offsets, shape: type.shape)
    }
  }
}

/// An operation whose result has the elements of its first operand, in the same order.
public protocol ReshapingOperation: Operation {}

extension ReshapingOperation {
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [operands.first.reshaped(to: results[0].shape)]
  }
}
