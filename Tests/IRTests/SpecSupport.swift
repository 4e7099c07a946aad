import IR

/// Reads a spec whose file of weights, whatever its name, is `weights`.
func graph(spec text: String, weights: TensorStorage? = nil, bindings: [String: Int] = [:]) throws -> Graph {
  try graph(spec: Array(text.utf8), weights: weights, bindings: bindings)
}

func graph(spec bytes: [UInt8], weights: TensorStorage? = nil, bindings: [String: Int] = [:]) throws -> Graph {
  try bytes.withUnsafeBytes { bytes in
    try Graph(spec: bytes, file: "model.json", bindings: bindings) { path in
      guard let weights else { throw Diagnostic("cannot open '\(path)'") }
      return try Safetensors(weights, path: path)
    }
  }
}

/// The diagnostic that `body` throws, as the user sees it, or nil if it succeeds.
func diagnostic(_ body: () throws -> Void) throws -> String? {
  do { try body() } catch let error as Diagnostic { return "\(error)" }
  return nil
}

/// The bytes of a file in the format safetensors, whatever they say.
func safetensors(_ header: String, data: [UInt8] = [], claiming length: UInt64? = nil) -> TensorStorage {
  storage(
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian, Array.init) + Array(header.utf8) + data)
}

func storage(_ bytes: [UInt8]) -> TensorStorage { TensorStorage(byteCount: bytes.count) { $0.copyBytes(from: bytes) } }

/// The bytes of a storage, and of a file.
func contents(of storage: TensorStorage) -> [UInt8] { withExtendedLifetime(storage) { Array(storage.bytes) } }
func contents(ofFile path: String) throws -> [UInt8] { contents(of: try TensorStorage.mapping(file: path)) }

/// The bytes of a tensor.
func bytes(_ tensor: Tensor) -> [UInt8] { tensor.withUnsafeBytes { Array($0) } }

/// An operation with attributes of each kind.
struct Probe: Operation {
  enum Mode: String, Codable, CaseIterable { case constant, reflect }

  static let name = "Probe"
  static let operands: Signature = ["X"]
  var pads = [0, 0]
  var alpha: Float = 1
  var limit: Double?
  var mode = Mode.constant
  var keepDims = true
  var scales: [Float] = []
  var value = Tensor(scalar: Float(0))

  func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] { [operands.first.type] }
  func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] { [operands.first] }
}
