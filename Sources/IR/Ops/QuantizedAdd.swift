/// The sum of quantized numbers, quantized again: A minus its zero point times a multiplier, plus the same of B, divided by
/// 2 to the power of `shift`, rounded to the nearest integer (of two the even one), plus the zero point of the result, held
/// between `low` and `high`. nnc's own operation, to which the addition of dequantized numbers is lowered.
public struct QuantizedAdd: ElementwiseOperation, QuantizedOperation {
  public static let name = "QuantizedAdd"
  public static let operands: Signature = ["A", "B"]

  /// The number that stands for 0 among those of A.
  public var xZero = 0
  /// The number that stands for 0 among those of B.
  public var bZero = 0
  /// The scales of A and B in units of that of the result, times 2 to the power of `shift`.
  public var aMultiplier = 1
  public var bMultiplier = 1
  /// How many bits of the sum are behind the point.
  public var shift = 1
  public var yZero = 0
  public var low = -128
  public var high = 127
  public var outputDtype = ElementType.i8

  public init() {}

  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    for element in operands { try checkQuantization(element) }
    try require((1...30).contains(shift), "shift is \(shift), but should be from 1 to 30")
    let largest = 1 << 24
    for (name, number) in [("a_multiplier", aMultiplier), ("b_multiplier", bMultiplier)] {
      try require(
        (0...largest).contains(number), "\(name) is \(number), but should be from 0 to \(largest)")
    }
    try require(
      255 * (aMultiplier + bMultiplier) + 1 << (shift - 1) <= Int(Int32.max),
      "multipliers of \(aMultiplier) and \(bMultiplier) with a shift of \(shift) make sums beyond 32 bits")
    return outputDtype
  }

  public func integer(_ x: [Int128]) -> Int128 {
    let sum = (x[0] - Int128(xZero)) * Int128(aMultiplier) + (x[1] - Int128(bZero)) * Int128(bMultiplier)
    // Sums of 32 bits, divided by a power of 2, are exact in double precision.
    let number = (Double(sum) / Double(1 << shift)).rounded(.toNearestOrEven)
    return min(max(Int128(number) + Int128(yZero), Int128(low)), Int128(high))
  }
}
