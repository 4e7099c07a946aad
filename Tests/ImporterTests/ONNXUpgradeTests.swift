import Foundation
import IR
import Importers
import SwiftProtobuf
import Testing

/// Nodes of older versions mean the same as they did then.
@Suite struct ONNXUpgradeTests {
  /// The result of one node of a version on `x`, which is [[0, 1, 2], [3, 4, 5]].
  private func result(
    _ type: String, _ opset: Int64, _ attributes: [OnnxAttributeProto] = [], operands: [OnnxTensorProto] = [],
    x: [Int64] = [2, 3]
  ) throws -> Tensor {
    let file = try ONNXFile(
      opset: opset,
      [
        OnnxNodeProto("Reshape", ["x", "shape"], ["r"]),
        OnnxNodeProto(type, ["r"] + operands.map(\.name), ["y"], attributes),
      ])
    file.model.graph.initializer =
      [OnnxTensorProto("shape", 7, [Int64(x.count)]) { $0.int64Data = x }] + operands
    return try file.output()
  }

  @Test func attributesThatBecameOperands() throws {
    #expect(
      try result("Slice", 9, [.ints("starts", [1]), .ints("ends", [3]), .ints("axes", [1])]).reals == [1, 2, 4, 5])
    #expect(try result("Clip", 10, [.float("min", 1), .float("max", 4)]).reals == [1, 1, 2, 3, 4, 4])
    #expect(try result("Clip", 10, [.float("max", 4)]).reals == [0, 1, 2, 3, 4, 4])
    #expect(
      try result("Pad", 10, [.ints("pads", [0, 1, 0, 0]), .float("value", 9)]).reals == [9, 0, 1, 2, 9, 3, 4, 5])
    #expect(try result("ReduceSum", 12, [.ints("axes", [0])]).reals == [3, 5, 7])
    #expect(try result("ReduceMax", 17, [.ints("axes", [1]), .int("keepdims", 0)]).shape == [2])
    #expect(try result("Unsqueeze", 12, [.ints("axes", [0, 3])]).shape == [1, 2, 3, 1])
    #expect(try result("Squeeze", 12, [.ints("axes", [0])], x: [1, 6]).shape == [6])
    #expect(try result("TopK", 9, [.int("k", 1)]).reals == [2, 5])
    #expect(try result("Split", 12, [.int("axis", 1), .ints("split", [1, 2])]).reals == [0, 3])
  }

  @Test func attributesOfTheFirstVersions() throws {
    #expect(try result("Pad", 1, [.ints("paddings", [0, 1, 0, 0])]).shape == [2, 4])
    #expect(try result("Reshape", 4, [.ints("shape", [3, -1])]).shape == [3, 2])
    #expect(
      try result("Concat", 3, operands: [OnnxTensorProto("c", 1, [2, 1]) { $0.floatData = [7, 8] }]).shape == [2, 4])
    #expect(try result("Cast", 5, [.string("to", "INT32")]).element == .i32)
    #expect(throws: Diagnostic.self) { try result("Cast", 5, [.string("to", "INTEGER")]) }
    #expect(try result("GlobalLpPool", 1, [.float("p", 1)], x: [1, 2, 3]).reals == [3, 12])
    #expect(throws: Diagnostic.self) { try result("GlobalLpPool", 1, [.float("p", 1.5)], x: [1, 2, 3]) }
    #expect(abs(try result("Selu", 5).reals[1] - 1.0507) < 1e-7)
  }

  /// From the axis on, all elements shared one softmax.
  @Test func softmaxOverSeveralAxes() throws {
    let old = try result("Softmax", 12, [], x: [1, 2, 3]).reals
    #expect(abs(old.reduce(0, +) - 1) < 1e-6)
    #expect(try result("Hardmax", 12, [.int("axis", 0)]).reals == [0, 0, 0, 0, 0, 1])
    #expect(try result("Hardmax", 13, [.int("axis", 0)]).reals == [0, 0, 0, 1, 1, 1])
    #expect(try result("Hardmax", 12).reals == [0, 0, 1, 0, 0, 1])
  }

  @Test func upsample() throws {
    let expected: [Double] = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    #expect(try result("Upsample", 7, [.floats("scales", [1, 1, 1, 2])], x: [1, 1, 2, 3]).reals == expected)
    let scales = OnnxTensorProto("s", 1, [4]) { $0.floatData = [1, 1, 1, 2] }
    #expect(try result("Upsample", 9, operands: [scales], x: [1, 1, 2, 3]).reals == expected)
    #expect(try result("Resize", 10, operands: [scales], x: [1, 1, 2, 3]).reals == expected)
  }

  @Test func broadcastFromAnAxis() throws {
    let b = OnnxTensorProto("b", 1, [2]) { $0.floatData = [10, 20] }
    #expect(
      try result("Add", 6, [.int("broadcast", 1), .int("axis", 0)], operands: [b]).reals == [10, 11, 12, 23, 24, 25])
    #expect(throws: Diagnostic.self) { try result("Add", 6, [.int("broadcast", 1), .int("axis", 7)], operands: [b]) }
    #expect(throws: Diagnostic.self) { try result("Add", 7, [.int("broadcast", 1), .int("axis", 0)], operands: [b]) }
  }

  @Test func groupsWithOneScaleEach() throws {
    let scale = OnnxTensorProto("scale", 1, [2]) { $0.floatData = [1, 2] }
    let bias = OnnxTensorProto("bias", 1, [2]) { $0.floatData = [0, 10] }
    let y = try result("GroupNormalization", 18, [.int("num_groups", 2)], operands: [scale, bias], x: [1, 6, 1]).reals
    for (found, right) in zip(y, [-1.22474, 0, 1.22474, 7.55051, 10, 12.44949]) { #expect(abs(found - right) < 1e-4) }
    #expect(y.count == 6)
  }

  @Test func attributesOfTheWrongKind() throws {
    let error = try #require(throws: Diagnostic.self) {
      try result("Slice", 9, [.int("starts", 1), .ints("ends", [3])])
    }
    #expect(error.message == "Slice: attribute 'starts' should be a list of integers, not 1")
  }
}
