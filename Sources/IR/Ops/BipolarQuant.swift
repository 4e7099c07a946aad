/// `scale` where X is not less than 0, and its opposite elsewhere, as QONNX and Brevitas write binary networks.
public struct BipolarQuant: CompositeOperation {
  public static let name = "qonnx.custom_op.general.BipolarQuant"
  public static let operands: Signature = ["X", "scale"]
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let x = operands.first
    let element = body.type(x).element
    let isSet = try body.add(GreaterOrEqual(), x, body.constant(0, element))
    let sign = try body.add(Where(), isSet, body.constant(1, element), body.constant(-1, element))
    return [try body.add(Mul(), sign, operands.required(1))]
  }
}
