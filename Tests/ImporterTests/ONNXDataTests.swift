import Foundation
import IR
import Importers
import SwiftProtobuf
import Testing

/// The tensors, inputs and options of ONNX files.
@Suite struct ONNXDataTests {
  private func file(with tensor: OnnxTensorProto) throws -> ONNXFile {
    let file = try ONNXFile([OnnxNodeProto("Identity", ["w"], ["y"])])
    file.model.graph.initializer = [tensor]
    return file
  }

  @Test(
    arguments: [
      (1, [0, 0, 128, 63, 0, 0, 0, 192], [1, -2]), (10, [0, 0x3c, 0, 0xc0], [1, -2]),
      (16, [0x80, 0x3f, 0, 0xc0], [1, -2]),
      (3, [1, 254], [1, -2]), (2, [1, 254], [1, 254]), (9, [1, 7], [1, 1]),
      (17, [0x38, 0xc0], [1, -2]), (18, [0x40, 0xc8], [1, -2]), (19, [0x3c, 0xc0], [1, -2]),
      (20, [0x40, 0xc4], [1, -2]), (21, [0xfe], [14, 15]), (22, [0x8f], [-1, -8]), (23, [0xa2], [1, -1]),
      (24, [0x7f, 0x80], [1, 2]), (25, [0xfe], [2, 3]), (26, [0x0e], [-2, -1]),
    ] as [(Int32, [UInt8], [Double])])
  func rawData(type: Int32, bytes: [UInt8], expected: [Double]) throws {
    let tensor = try file(with: OnnxTensorProto("w", type, [2]) { $0.rawData = Data(bytes) }).output()
    #expect(tensor.reals == expected)
  }

  @Test func typedData() throws {
    func reals(_ type: Int32, _ set: (inout OnnxTensorProto) -> Void) throws -> [Double] {
      try file(with: OnnxTensorProto("w", type, [2], set)).output().reals
    }
    #expect(try reals(1) { $0.floatData = [1, -2] } == [1, -2])
    #expect(try reals(11) { $0.doubleData = [1, -2] } == [1, -2])
    #expect(try reals(7) { $0.int64Data = [1, -2] } == [1, -2])
    #expect(try reals(3) { $0.int32Data = [1, -2] } == [1, -2])
    #expect(try reals(10) { $0.int32Data = [0x3c00, 0xc000] } == [1, -2])
    #expect(try reals(16) { $0.int32Data = [0x3f80, 0xc000] } == [1, -2])
    #expect(try reals(9) { $0.int32Data = [1, 0] } == [1, 0])
    #expect(try reals(13) { $0.uint64Data = [1, 2] } == [1, 2])
    #expect(try reals(17) { $0.int32Data = [0x38, 0xc0] } == [1, -2])
    #expect(try reals(22) { $0.int32Data = [0x8f] } == [-1, -8])
    #expect(try reals(25) { $0.int32Data = [0xfe] } == [2, 3])
    #expect(throws: Diagnostic.self) { try reals(22) { $0.int32Data = [1, 2] } }
    #expect(throws: Diagnostic.self) { try reals(19) { $0.int32Data = [256, 2] } }
  }

  @Test(
    arguments: [
      ([3], 1, "8 bytes of data do not make f32[3], which has 12"),
      ([-2], 1, "extent -2 of f32[-2] is negative"),
      ([1 << 40, 1 << 40], 1, "is too large"),
      ([2], 14, "elements of type complex64 are not supported"),
      ([2], 22, "8 bytes of data do not make i4[2], which has 1"),
      ([2], 99, "elements of type number 99 are not supported"),
    ] as [([Int64], Int32, String)])
  func tensorsThatDoNotFit(dims: [Int64], type: Int32, message: String) throws {
    let refusal = try file(with: OnnxTensorProto("w", type, dims) { $0.rawData = Data(count: 8) }).refusal()
    #expect(refusal.contains("initializer 'w': ") && refusal.contains(message), "\(refusal)")
  }

  @Test func numbersOutOfRange() throws {
    let refusal = try file(with: OnnxTensorProto("w", 2, [1]) { $0.int32Data = [-1] }).refusal()
    #expect(refusal.hasSuffix("-1 is not an element of type u8"))
  }

  private func external(_ location: String, offset: String = "4", length: String? = nil) throws -> ONNXFile {
    let file = try file(
      with: OnnxTensorProto("w", 1, [2]) { tensor in
        tensor.dataLocation = .external
        let entries = [("location", location), ("offset", offset)] + (length.map { [("length", $0)] } ?? [])
        for (key, value) in entries {
          tensor.externalData.append(
            .with {
              $0.key = key
              $0.value = value
            })
        }
      })
    try Data([9, 9, 9, 9, 0, 0, 128, 63, 0, 0, 0, 192]).write(to: file.folder.appendingPathComponent("weights.bin"))
    return file
  }

  @Test func externalData() throws { #expect(try external("weights.bin").output().reals == [1, -2]) }

  @Test(
    arguments: [
      ("weights.bin", "8", nil, "8 bytes at 8 lie outside of 'weights.bin', which has 12"),
      ("weights.bin", "9223372036854775807", nil, "lie outside"),
      ("weights.bin", "-4", nil, "the offset of external data is '-4'"),
      ("weights.bin", "0", "12", "12 bytes of external data do not make f32[2]"),
      ("/etc/passwd", "0", nil, "should lie in the folder of the model"),
      ("../weights.bin", "0", nil, "should lie in the folder of the model"),
      ("link", "0", nil, "a link that leads out of the folder"),
      ("absent.bin", "0", nil, "cannot open"),
    ] as [(String, String, String?, String)])
  func externalDataElsewhere(location: String, offset: String, length: String?, message: String) throws {
    let file = try external(location, offset: offset, length: length)
    try FileManager.default.createSymbolicLink(atPath: file.folder.path + "/link", withDestinationPath: "/etc/passwd")
    let refusal = file.refusal()
    #expect(refusal.contains(message), "\(refusal)")
  }

  @Test func sparseTensor() throws {
    let file = try ONNXFile([OnnxNodeProto("Identity", ["w"], ["y"])])
    func sparse(_ indices: [Int64]) -> OnnxSparseTensorProto {
      .with { sparse in
        sparse.dims = [2, 2]
        sparse.values = OnnxTensorProto("w", 1, [2]) { $0.floatData = [5, 6] }
        sparse.indices = OnnxTensorProto("", 7, [2, 2]) { $0.int64Data = indices }
      }
    }
    file.model.graph.sparseInitializer = [sparse([0, 1, 1, 0])]
    #expect(try file.output().reals == [0, 5, 6, 0])
    file.model.graph.sparseInitializer = [sparse([0, 1, 1, 2])]
    #expect(file.refusal().contains("index 2 lies outside of axis 1"))
  }

  @Test func dimensions() throws {
    let file = try ONNXFile([OnnxNodeProto("Relu", ["x"], ["y"])])
    file.model.graph.input[0].type.tensorType.shape.dim = [
      .with { $0.dimParam = "batch" }, .init(), .with { $0.dimValue = 3 },
    ]
    #expect(
      file.refusal() == """
        model.onnx: error: 2 dimensions have no extent; say which with
          --dim batch=N  (axis 0 of input 'x')
          --dim x.1=N  (axis 1 of input 'x')
        """)
    let graph = try file.load(LoadOptions(dims: ["batch": 4, "x.1": 2]))
    #expect(graph.type(of: graph.outputs[0].value) == TensorType(.f32, [4, 2, 3]))
    #expect(file.refusal(LoadOptions(dims: ["bach": 1])).hasSuffix("there is no dimension 'bach'; there is batch"))
    #expect(file.refusal(LoadOptions(dims: ["batch": 0, "x.1": 2])).hasSuffix("should be at least 1"))
    file.model.graph.input[0].type.tensorType.clearShape()
    #expect(file.refusal().contains("input 'x' has no shape"))
  }

  @Test func frozenInputs() throws {
    let file = try ONNXFile([OnnxNodeProto("Reshape", ["x", "s"], ["y"])])
    file.model.graph.input.append(ONNXFile.input("s", [1], element: 7))
    let graph = try file.load(LoadOptions(frozen: ["s": Tensor([Float(6)])]))
    #expect(graph.inputs.map(\.name) == ["x"])
    #expect(graph.type(of: graph.outputs[0].value).shape == [6])
    #expect(
      file.refusal(LoadOptions(frozen: ["s": Tensor([Float(6.5)])])).contains(
        "cannot be converted from f32[1] to i64[1]"))
    #expect(
      file.refusal(LoadOptions(frozen: ["t": Tensor([6])])).contains(
        "there is no input 't' to freeze; the inputs are x, s"))
  }

  @Test func filesOfOtherKinds() throws {
    let file = try ONNXFile([])
    for bytes in [
      Data(), Data("{}".utf8), Data([0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f]), Data(repeating: 0xff, count: 64),
    ] {
      try bytes.write(to: URL(fileURLWithPath: file.path))
      let error = try #require(throws: Diagnostic.self) { try loadModel(at: file.path) }
      #expect("\(error)".contains("model.onnx: error: this is not an ONNX file"))
    }
    file.model.opsetImport[0].version = 0
    #expect(file.refusal().contains("version 0 of the ONNX operators; versions 1 to"))
    file.model.opsetImport[0].version = 21
    file.model.opsetImport.append(
      .with {
        $0.domain = "ai.onnx.ml"
        $0.version = 99
      })
    #expect(file.refusal().contains("version 99 of the operators of ai.onnx.ml; versions 1 to"))
  }
}
