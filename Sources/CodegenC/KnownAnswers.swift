import IR

/// Inputs of a model for the self-test in its C.
public struct SelfTest: Sendable {
  /// The inputs of each test, by name.
  public var inputs: [[String: Tensor]]
  /// By how much floats may differ, relative to the largest element of their tensor.
  public var tolerance: Double

  /// Creates a test of some inputs.
  public init(inputs: [[String: Tensor]], tolerance: Double = 1e-5) {
    (self.inputs, self.tolerance) = (inputs, tolerance)
  }
}

/// What decides how far a result of the C may be from that of the interpreter.
enum Rounding: Comparable {
  /// No float was computed on the way.
  case none
  /// Floats were, whose rounding may differ between processors.
  case float
  /// Floats were, and then quantized, where a difference in rounding may become one of a whole step.
  case quantized
}

/// How a tensor that the C has computed is compared with that of the interpreter.
enum AnswerCheck {
  /// Integers, all of which must be equal.
  case hash(UInt32)
  /// Numbers that depend on how floats were rounded: a sum of them, each with a pseudo-random sign, and by how much it
  /// may differ.
  case sum(Float, allowed: Float)

  /// The check of a tensor.
  ///
  /// - Returns: Nil for indices, truth values and bits that follow from floats, which a difference in rounding may change as a
  ///   whole.
  init?(_ tensor: Tensor, _ rounding: Rounding, tolerance: Double) {
    let element = tensor.element
    if rounding == .none && !element.isFloat {
      self = .hash(Self.hash(element == .bit ? tensor.words : tensor))
      return
    }
    guard Self.isReal(element, rounding) else { return nil }
    // Errors of as many elements, with signs that are independent of them, seldom add up to more than this.
    let allowed = 4 * Float(tensor.type.elementCount).squareRoot() * Self.deviation(of: tensor, rounding, tolerance)
    self = .sum(Self.signedSum(tensor), allowed: allowed)
  }

  /// Whether elements are numbers that depend on how floats were rounded, and on little of that only a little.
  static func isReal(_ element: ElementType, _ rounding: Rounding) -> Bool {
    element.isFloat || (rounding != .none && element.bitWidth <= 16 && element != .bool && element != .bit)
  }

  /// By how much an element may differ.
  static func deviation(of tensor: Tensor, _ rounding: Rounding, _ tolerance: Double) -> Float {
    let largest = tensor.reals.lazy.filter(\.isFinite).map(abs).max() ?? 0
    let relative = Float(largest * (rounding == .quantized ? max(tolerance, 0.02) : tolerance))
    return tensor.element.isFloat ? max(relative, .leastNormalMagnitude) : max(relative, 1)
  }

  /// What `nnc_hashed` in runtime/kernels/self_test.h makes of all elements.
  private static func hash(_ tensor: Tensor) -> UInt32 {
    tensor.integers.reduce(2_166_136_261) { ($0 ^ UInt32(truncatingIfNeeded: $1)) &* 16_777_619 }
  }

  /// What `nnc_add_signed` in runtime/kernels/self_test.h makes of all elements.
  private static func signedSum(_ tensor: Tensor) -> Float {
    var random: UInt32 = 1
    return tensor.reals.reduce(into: Float(0)) { total, real in
      let x = Float(real)
      let finite: Float = x.isFinite ? x : x.isNaN ? 1 : x < 0 ? -2 : 2
      random = random &* 1_664_525 &+ 1_013_904_223
      if random >> 31 != 0 { total -= finite } else { total += finite }
    }
  }
}

extension Graph {
  /// How each node depends on the rounding of floats.
  var roundings: [Rounding] {
    nodes.indices.reduce(into: []) { roundings, index in
      let node = nodes[index]
      let before = node.operands.map { roundings[$0.node] }.max() ?? .none
      let computesFloats = node.types.contains { $0.element.isFloat }
      switch node.op {
      case is Input, is Constant: roundings.append(.none)
      case is any ViewOperation: roundings.append(before)
      default: roundings.append(max(before, computesFloats ? .float : before == .none ? .none : .quantized))
      }
    }
  }
}
