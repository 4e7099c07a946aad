import Foundation
import IR
import Importers
import SwiftProtobuf
import Testing

/// Files that are no valid protocol buffers, and where tensors lie in those that are.
@Suite struct ONNXSkeletonTests {
  /// A field of bytes, which may hold a message.
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var (length, count) = ([UInt8](), bytes.count)
    while count > 0x7f {
      length.append(UInt8(count & 0x7f) | 0x80)
      count >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(count)] + bytes
  }

  /// What nnc says of a file of these bytes.
  private func refusal(_ bytes: [UInt8]) throws -> String {
    let file = try ONNXFile([])
    try Data(bytes).write(to: URL(fileURLWithPath: file.path))
    do {
      _ = try loadModel(at: file.path)
      return "no error"
    } catch {
      return "\(error)".replacingOccurrences(
        of: file.folder.path + "/model.onnx: error: this is not an ONNX file: ", with: "")
    }
  }

  @Test func refusesWhatIsNoProtocolBuffer() throws {
    let cut = "the file is cut off or damaged"
    #expect(try refusal([0x08]) == cut)
    #expect(try refusal([0x3a, 0xff]) == cut)
    #expect(try refusal([0x0d, 1, 2, 3]) == cut)
    #expect(try refusal([0x09, 1, 2, 3, 4, 5, 6, 7]) == cut)
    #expect(try refusal([0x3a, 5, 0]) == "a field ends beyond what encloses it")
    // What the graph contains may not end beyond the graph, though the file goes on.
    #expect(try refusal(field(7, [0x2a, 1]) + [0x08, 1]) == "a field ends beyond what encloses it")
    #expect(try refusal([0x3a] + [UInt8](repeating: 0xff, count: 9) + [1]) == "a field ends beyond what encloses it")
    #expect(try refusal([0x08] + [UInt8](repeating: 0xff, count: 10) + [1]) == "a number is longer than 64 bits")
    #expect(try refusal([0x0b, 0x0c]) == "it has fields of wire type 3")
  }

  @Test func refusesMessagesThatAreNestedTooDeep() throws {
    // The attribute of a node of a graph is a graph, and so on.
    func nested(_ levels: Int) -> [UInt8] {
      var graph: [UInt8] = []
      for _ in 0..<levels { graph = field(1, field(5, field(6, graph))) }
      return field(7, graph)
    }
    #expect(try refusal(nested(40)) == "messages are nested more than 100 levels deep")
    #expect(try refusal(nested(30)) == "it has no graph or no operator set")
  }

  @Test func readsRawBytesWhereverTensorsStand() throws {
    func tensor(_ name: String, _ values: [Float]) -> OnnxTensorProto {
      OnnxTensorProto(name, 1, [Int64(values.count)]) { $0.rawData = values.withUnsafeBytes { Data($0) } }
    }
    let branch = OnnxGraphProto.with {
      $0.initializer = [tensor("i", [0.5, 1, 2])]
      $0.node = [OnnxNodeProto("Add", ["a", "i"], ["o"])]
      $0.output = [.with { $0.name = "o" }]
    }
    let file = try ONNXFile([
      OnnxNodeProto("Constant", [], ["k"], [.tensor("value", tensor("", [3, 4, 5]))]),
      OnnxNodeProto("Add", ["x", "k"], ["s"]),
      OnnxNodeProto("Own", ["s"], ["a"], domain: "own"),
      OnnxNodeProto("If", ["c"], ["y"], [.graph("then_branch", branch), .graph("else_branch", branch)]),
    ])
    file.model.graph.initializer = [OnnxTensorProto("c", 9, []) { $0.rawData = Data([2]) }]
    file.model.opsetImport.append(.with { ($0.domain, $0.version) = ("own", 1) })
    file.model.functions = [
      .with {
        ($0.name, $0.domain, $0.input, $0.output) = ("Own", "own", ["f"], ["g"])
        $0.opsetImport = [.with { $0.version = 21 }]
        $0.node = [
          OnnxNodeProto("Constant", [], ["m"], [.tensor("value", tensor("", [10, 20, 30]))]),
          OnnxNodeProto("Mul", ["f", "m"], ["g"]),
        ]
      }
    ]
    // (x + [3, 4, 5]) * [10, 20, 30] + [0.5, 1, 2]
    #expect(try file.output().reals == [30.5, 101, 212, 60.5, 161, 302])
  }
}
