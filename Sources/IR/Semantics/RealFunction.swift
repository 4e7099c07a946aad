import Glibc

/// An elementwise operation of one operand that is defined for floats.
public protocol RealFunction: ElementwiseOperation {}

extension RealFunction {
  public static var operands: Signature { ["X"] }
  public static var accepts: ElementClass { .floats }
}

/// Returns `x` held between 0 and 1; NaN remains.
func unitClamped(_ x: Double) -> Double { x < 0 ? 0 : x > 1 ? 1 : x }

/// Returns 1 / (1 + exp(-x)).
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// Returns log(1 + exp(x)), without overflow.
func softplus(_ x: Double) -> Double { x.isNaN ? x : max(x, 0) + log1p(exp(-x.magnitude)) }
