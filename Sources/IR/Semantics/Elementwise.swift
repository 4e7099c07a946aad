/// A set of element types for which an operation is defined.
///
/// `signed` are numbers that can be negative, `unsigned` integers that cannot. Types that are only stored belong to no
/// class but `everything`.
public enum ElementClass: Sendable {
  case everything, any, numbers, signed, floats, integers, unsigned, bools

  /// Whether `element` belongs to the class.
  public func contains(_ element: ElementType) -> Bool {
    if element.isNarrow { return self == .everything && element != .bit }
    return switch self {
    case .everything, .any: true
    case .numbers: element.isFloat || element.isInteger
    case .signed: element.isFloat || (element.isInteger && !element.isUnsigned)
    case .floats: element.isFloat
    case .integers: element.isInteger
    case .unsigned: element.isUnsigned
    case .bools: element == .bool
    }
  }
}

extension ElementClass {
  /// Throws unless `element` belongs to the class.
  public func require(_ element: ElementType) throws(Diagnostic) {
    guard !contains(element) else { return }
    let advice = element.isNarrow && element != .bit ? "; add a Cast to one with more bits" : ""
    throw Diagnostic("is not defined for elements of type \(element)\(advice)")
  }
}

/// An operation that computes each element of its result from the elements of its operands at the same place.
///
/// Operands are broadcast. An operation of this kind is complete with its meaning for one element, and with the C
/// function `nnc_NAME_TYPE` in runtime/, whose parameters are the elements and then `scalars`.
public protocol ElementwiseOperation: Operation {
  /// The types of element for which it is defined.
  static var accepts: ElementClass { get }

  /// Returns the type of the result's elements, or throws what is wrong with those of the operands.
  ///
  /// By default all operands have the same type, one that the operation accepts, and so has the result.
  func resultElement(_ operands: [ElementType]) throws -> ElementType

  /// The result for floating-point elements, and where any operand has such.
  func real(_ x: [Double]) -> Double

  /// The result for integers and bools (0 and 1), before it is wrapped to the width of its type.
  func integer(_ x: [Int128]) -> Int128

  /// The number that stands for the optional operand at `index` where it is left out.
  func standIn(for index: Int, element: ElementType) -> Tensor

  /// The attributes on which the result depends, as the C function takes them.
  var scalars: [Double] { get }
}

extension ElementwiseOperation {
  public static var accepts: ElementClass { .numbers }

  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    return operands[0]
  }

  /// Throws unless all elements are of one type that the operation accepts.
  public static func requireSame(_ operands: [ElementType]) throws(Diagnostic) {
    try require(
      operands.allSatisfy { $0 == operands[0] },
      "operands have different types of element: \(operands.map(\.rawValue).joined(separator: " and "))")
    try accepts.require(operands[0])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let present = operands.compactMap { $0 }
    let element = try resultElement(present.map(\.element))
    return [TensorType(element, try Shape.broadcast(present.map(\.shape)))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let type = results[0]
    let operands = completed(operands)
    let offsets = operands.map { type.shape.offsets(strides: $0.shape.broadcastStrides(to: type.shape)) }
    func map<Number>(_ columns: [[Number]], _ function: ([Number]) -> Number) -> [Number] {
      (0..<type.elementCount).map { index in
        function(columns.indices.map { columns[$0][offsets[$0][index]] })
      }
    }
    if operands.contains(where: \.element.isFloat) {
      return [Tensor(type, reals: map(operands.map(\.reals), real))]
    }
    return [Tensor(type, integers: map(operands.map(\.integers), integer))]
  }

  /// The operands, with numbers in the place of those that are left out.
  private func completed(_ operands: Operands<Tensor>) -> [Tensor] {
    let count = Self.operands.isVariadic ? operands.count : Self.operands.names.count
    return (0..<count).map { operands[$0] ?? standIn(for: $0, element: operands.first.element) }
  }

  public func standIn(for index: Int, element: ElementType) -> Tensor {
    fatalError("internal error: operand \(index) of \(Self.name) cannot be left out")
  }

  public var scalars: [Double] { [] }

  public func real(_ x: [Double]) -> Double { fatalError("internal error: \(Self.name) is not defined for reals") }
  public func integer(_ x: [Int128]) -> Int128 {
    fatalError("internal error: \(Self.name) is not defined for integers")
  }
}
