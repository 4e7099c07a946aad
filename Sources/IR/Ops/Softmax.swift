import Glibc

/// An operation that replaces each line of elements along an axis.
public protocol LineOperation: Operation {
  /// The axis, counted from the end where negative.
  var axis: Int { get }
  /// Returns what a line, which is not empty, becomes.
  func transform(_ line: [Double]) -> [Double]
}

extension LineOperation {
  public static var operands: Signature { ["input"] }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    _ = try operands.first.shape.axis(axis)
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    return [Tensor(results[0], reals: x.reals.mapLines(x.shape, axis: try x.shape.axis(axis), transform))]
  }
}

/// The exponential of each element, divided by the sum of the exponentials along an axis.
public struct Softmax: LineOperation {
  public static let name = "Softmax"
  public var axis = -1
  public init() {}
  public func transform(_ line: [Double]) -> [Double] {
    let largest = line.max()!
    let exponentials = line.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}

/// The logarithm of the softmax.
public struct LogSoftmax: LineOperation {
  public static let name = "LogSoftmax"
  public var axis = -1
  public init() {}
  public func transform(_ line: [Double]) -> [Double] {
    let largest = line.max()!
    let sum = log(line.reduce(0) { $0 + exp($1 - largest) })
    return line.map { $0 - largest - sum }
  }
}

/// 1 for the first of the largest elements along an axis, 0 for the others.
public struct Hardmax: LineOperation {
  public static let name = "Hardmax"
  public var axis = -1
  public init() {}
  public func transform(_ line: [Double]) -> [Double] {
    let first = line.firstIndex(of: line.max()!)
    return line.indices.map { $0 == first ? 1 : 0 }
  }
}
