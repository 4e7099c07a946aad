/// The larger of the operand and zero.
public struct Relu: ElementwiseOperation {
  public static let name = "Relu"
  public static let operands: Signature = ["X"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] < 0 ? 0 : x[0] }
  public func integer(_ x: [Int128]) -> Int128 { max(x[0], 0) }
}
