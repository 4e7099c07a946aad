/// Sums of products of elements of the operands, as an equation over labelled axes says: `ij,jk->ik` is a matrix product.
///
/// Axes with one label are walked along together; those whose label the result does not have are summed over. Where the
/// equation has no `->`, the result has the labels that occur once, in alphabetical order. `...` stands for axes without
/// labels, which are broadcast; so is an axis of extent 1. Integers wrap.
public struct Einsum: Operation {
  public static let name = "Einsum"
  public static let operands: Signature = ["Inputs..."]
  /// The equation. There is no default.
  public var equation = ""
  public init() {}

  /// Which products are added up for operands of the given shapes.
  ///
  /// - Throws: A diagnostic if they do not fit the equation.
  public func contraction(_ shapes: [Shape]) throws(Diagnostic) -> Contraction {
    try Contraction(try EinsumEquation(equation), shapes)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement(.numbers)
    return [TensorType(element, try contraction(operands.all.map(\.shape)).result)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let tensors = operands.all
    let contraction = try contraction(tensors.map(\.shape))
    if results[0].element.isFloat {
      return [Tensor(results[0], reals: contraction.sums(tensors.map(\.reals), zero: 0) { $0 += $1.reduce(1, *) })]
    }
    let sums = contraction.sums(tensors.map(\.wrappedIntegers), zero: 0) { $0 &+= $1.reduce(1, &*) }
    return [Tensor(results[0], integers: sums.map { Int128($0) })]
  }
}

extension Contraction {
  /// The sums, to which `add` adds the product of one element of each operand.
  fileprivate func sums<Number>(
    _ operands: [[Number]], zero: Number, _ add: (inout Number, _ factors: [Number]) -> Void
  ) -> [Number] {
    guard productCount > 0 else { return [Number](repeating: zero, count: result.elementCount) }
    let starts = strides.map { result.offsets(strides: Array($0[..<result.rank])) }
    let steps = strides.map { Array($0[result.rank...]) }
    var (places, factors) = (operands.map { _ in 0 }, operands.map { $0[0] })
    func walk(_ axis: Int, _ sum: inout Number) {
      guard axis < summed.rank else {
        for operand in operands.indices { factors[operand] = operands[operand][places[operand]] }
        return add(&sum, factors)
      }
      for _ in 0..<summed[axis] {
        walk(axis + 1, &sum)
        for operand in operands.indices { places[operand] += steps[operand][axis] }
      }
      for operand in operands.indices { places[operand] -= steps[operand][axis] * summed[axis] }
    }
    return (0..<result.elementCount).map { index in
      for operand in operands.indices { places[operand] = starts[operand][index] }
      var sum = zero
      walk(0, &sum)
      return sum
    }
  }
}
