/// The sum of two tensors. Integers wrap.
public struct Add: ElementwiseOperation {
  public static let name = "Add"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] + x[1] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] + x[1] }
}
