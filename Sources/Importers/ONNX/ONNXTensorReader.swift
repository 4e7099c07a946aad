import FoundationEssentials
import Glibc
import IR

/// Makes tensors of those in an ONNX file, and of the files beside it in which it keeps large ones.
struct ONNXTensorReader {
  /// The path of the ONNX file.
  let path: String
  private let file: TensorStorage
  private var files: [String: TensorStorage] = [:]

  /// Creates a reader of the tensors in `file`, the file at `path`.
  init(path: String, file: TensorStorage) {
    self.path = path
    self.file = file
  }

  /// The tensor that `proto` describes; `name` is what a message calls it.
  mutating func tensor(_ proto: OnnxTensorProto, _ name: String) throws(Diagnostic) -> Tensor {
    do {
      let type = TensorType(try ElementType(onnx: Int(proto.dataType)), Shape(proto.dims.map { Int($0) }))
      try type.validate()
      if proto.dataLocation == .external { return try externalTensor(type, proto.externalData) }
      if !proto.rawData.isEmpty {
        let place = ONNXSkeleton.Place(proto.rawData).range
        try require(
          place.count == type.byteCount, "\(place.count) bytes of data do not make \(type), which has \(type.byteCount)"
        )
        return Self.tensor(type, in: file, at: place.lowerBound)
      }
      return try Self.tensor(type, typed: proto)
    } catch {
      throw Diagnostic("\(name): \(error.message)", at: error.location)
    }
  }

  /// The dense form of a sparse tensor.
  mutating func tensor(_ proto: OnnxSparseTensorProto, _ name: String) throws -> Tensor {
    let values = try tensor(proto.values, name)
    let indices = try tensor(proto.indices, name)
    let type = TensorType(values.element, Shape(proto.dims.map { Int($0) }))
    do {
      try type.validate()
      let count = values.type.elementCount
      try require(
        values.shape.rank == 1 && indices.element == .i64, "a sparse tensor needs a list of values and i64 indices")
      let isLinear = indices.shape == [count]
      try require(
        isLinear || indices.shape == [count, type.shape.rank], "indices [\(indices.shape)] do not fit \(count) values")
      let places = isLinear ? indices.ints : try Self.offsets(indices.ints, in: type.shape)
      var sources = [Int?](repeating: nil, count: type.elementCount)
      for (source, place) in places.enumerated() {
        try require(sources.indices.contains(place), "index \(place) lies outside of \(type)")
        sources[place] = source
      }
      return values.gathering(sources, shape: type.shape)
    } catch {
      throw Diagnostic("\(name): \(error.message)", at: error.location)
    }
  }

  /// The offsets of elements whose coordinates follow each other in `coordinates`.
  private static func offsets(_ coordinates: [Int], in shape: Shape) throws(Diagnostic) -> [Int] {
    let strides = shape.strides
    var offsets: [Int] = []
    for start in stride(from: 0, to: coordinates.count, by: max(1, shape.rank)) {
      var offset = 0
      for axis in 0..<shape.rank {
        let coordinate = coordinates[start + axis]
        try require(
          (0..<shape[axis]).contains(coordinate), "index \(coordinate) lies outside of axis \(axis) of [\(shape)]")
        offset += coordinate * strides[axis]
      }
      offsets.append(offset)
    }
    return offsets
  }

  /// The tensor whose bytes lie in a file, which is large enough.
  private static func tensor(_ type: TensorType, in file: TensorStorage, at offset: Int) -> Tensor {
    if type.element.isPacked {
      return Tensor(type, packed: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + type.byteCount]))
    }
    let tensor = Tensor(type, in: file, at: offset)
    guard type.element == .bool else { return tensor }
    // A Bool may be nothing but 0 or 1.
    return tensor.withUnsafeBytes { bytes in Tensor(bytes.map { $0 != 0 }, shape: type.shape) }
  }

  /// The tensor whose numbers lie in the field of `proto` for their type.
  private static func tensor(_ type: TensorType, typed proto: OnnxTensorProto) throws(Diagnostic) -> Tensor {
    func check(_ count: Int) throws(Diagnostic) {
      let expected = type.element.isPacked ? type.byteCount : type.elementCount
      try require(
        count == expected,
        "\(count) numbers do not make \(type), which has \(expected) \(type.element.isPacked ? "bytes" : "elements")")
    }
    func elements<S: BinaryInteger, T: Element & FixedWidthInteger>(_ values: [S], as: T.Type) throws(Diagnostic)
      -> Tensor
    {
      try check(values.count)
      if let value = values.first(where: { T(exactly: $0) == nil }) {
        throw Diagnostic("\(value) is not an element of type \(type.element)")
      }
      return Tensor(values.map { T(truncatingIfNeeded: $0) })
    }
    func integers<S: BinaryInteger, T: Element & FixedWidthInteger>(_ values: [S], as: T.Type) throws(Diagnostic)
      -> Tensor
    {
      try elements(values, as: T.self).reshaped(to: type.shape)
    }
    switch type.element {
    case .f32:
      try check(proto.floatData.count)
      return Tensor(proto.floatData, shape: type.shape)
    case .f64:
      try check(proto.doubleData.count)
      return Tensor(proto.doubleData, shape: type.shape)
    case .f16, .bf16:
      let bits = try elements(proto.int32Data, as: UInt16.self)
      return bits.withUnsafeBytes { source in Tensor(type) { $0.copyMemory(from: source) } }
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .i4, .u4, .i2, .u2, .f4e2m1:
      let bytes = try elements(proto.int32Data, as: UInt8.self)
      return bytes.withUnsafeBytes { source in
        type.element.isPacked ? Tensor(type, packed: source) : Tensor(type) { $0.copyMemory(from: source) }
      }
    case .i64: return try integers(proto.int64Data, as: Int64.self)
    case .i32: return try integers(proto.int32Data, as: Int32.self)
    case .i16: return try integers(proto.int32Data, as: Int16.self)
    case .i8: return try integers(proto.int32Data, as: Int8.self)
    case .u64: return try integers(proto.uint64Data, as: UInt64.self)
    case .u32: return try integers(proto.uint64Data, as: UInt32.self)
    case .u16: return try integers(proto.int32Data, as: UInt16.self)
    case .u8: return try integers(proto.int32Data, as: UInt8.self)
    case .bool:
      try check(proto.int32Data.count)
      return Tensor(proto.int32Data.map { $0 != 0 }, shape: type.shape)
    case .bit: throw Diagnostic("tensors of type \(type.element) are not supported")
    }
  }

  private mutating func externalTensor(_ type: TensorType, _ entries: [OnnxStringStringEntryProto]) throws(Diagnostic)
    -> Tensor
  {
    func entry(_ key: String) -> String? { entries.last { $0.key == key }?.value }
    func count(_ key: String, _ standard: Int) throws(Diagnostic) -> Int {
      guard let text = entry(key) else { return standard }
      guard let count = Int(text), count >= 0 else {
        throw Diagnostic("the \(key) of external data is '\(text)', not a number of bytes")
      }
      return count
    }
    guard let location = entry("location") else { throw Diagnostic("its external data have no location") }
    let storage = try externalFile(location)
    let offset = try count("offset", 0)
    let length = try count("length", type.byteCount)
    try require(
      length == type.byteCount, "\(length) bytes of external data do not make \(type), which has \(type.byteCount)")
    try require(
      offset <= storage.bytes.count && length <= storage.bytes.count - offset,
      "\(length) bytes at \(offset) lie outside of '\(location)', which has \(storage.bytes.count)")
    return Self.tensor(type, in: storage, at: offset)
  }

  /// The file at `location`, which must lie in the folder of the model, also after links are followed.
  private mutating func externalFile(_ location: String) throws(Diagnostic) -> TensorStorage {
    if let storage = files[location] { return storage }
    let isInside =
      !location.hasPrefix("/") && !location.contains("\0") && !location.split(separator: "/").contains("..")
    try require(isInside, "its external data lie in '\(location)', but should lie in the folder of the model")
    let folder = path.contains("/") ? String(path[...path.lastIndex(of: "/")!]) : "./"
    if let root = Self.resolved(folder), let target = Self.resolved(folder + location) {
      let prefix = root.hasSuffix("/") ? root : root + "/"
      try require(
        target.hasPrefix(prefix),
        "its external data lie in '\(location)', a link that leads out of the folder of the model")
    }
    let storage = try TensorStorage.mapping(file: folder + location)
    files[location] = storage
    return storage
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

extension ElementType {
  /// The type that has `number` in ONNX.
  init(onnx number: Int) throws(Diagnostic) {
    let types: [Int: ElementType] = [
      1: .f32, 2: .u8, 3: .i8, 4: .u16, 5: .i16, 6: .i32, 7: .i64, 9: .bool, 10: .f16, 11: .f64, 12: .u32, 13: .u64,
      16: .bf16, 17: .f8e4m3fn, 18: .f8e4m3fnuz, 19: .f8e5m2, 20: .f8e5m2fnuz, 21: .u4, 22: .i4, 23: .f4e2m1,
      24: .f8e8m0, 25: .u2, 26: .i2,
    ]
    let others = [8: "string", 14: "complex64", 15: "complex128"]
    guard let type = types[number] else {
      throw Diagnostic("elements of type \(others[number] ?? "number \(number)") are not supported")
    }
    self = type
  }
}
