/// The elements of a constant as text gives them, before their type is known.
enum Literal {
  case numbers([String])
  case splat(String)
  /// Numbers between -1 and 1, or over the whole range of a small integer type; always the same for a seed.
  case random(seed: UInt64)
  case bytes([UInt8])

  init?(kind: String, argument: String) {
    switch kind {
    case "splat": self = .splat(argument)
    case "random":
      guard let seed = UInt64(argument) else { return nil }
      self = .random(seed: seed)
    case "bytes":
      let digits = argument.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
      guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
      self = .bytes(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]! * 16 + digits[$0 + 1]!) })
    default: return nil
    }
  }

  func tensor(of type: TensorType) throws(Diagnostic) -> Tensor {
    switch self {
    case .numbers(let words):
      try require(
        words.count == type.elementCount,
        "\(words.count) numbers do not make \(type), which has \(type.elementCount) elements")
      return try Self.tensor(type, words)
    case .splat(let word):
      let one = try Self.tensor(TensorType(type.element, [1]), [word])
      return one.gathering(repeatElement(0, count: type.elementCount), shape: type.shape)
    case .random(let seed): return Tensor(random: type, seed: seed)
    case .bytes(let bytes):
      try require(
        bytes.count == type.byteCount, "\(bytes.count) bytes do not make \(type), which has \(type.byteCount)")
      if type.element.isPacked { return bytes.withUnsafeBytes { Tensor(type, packed: $0) } }
      return Tensor(type) { $0.copyBytes(from: bytes) }
    }
  }

  private static func tensor(_ type: TensorType, _ words: [String]) throws(Diagnostic) -> Tensor {
    func number<T>(_ word: String, _ convert: (String) -> T?) throws(Diagnostic) -> T {
      guard let value = convert(word) else { throw Diagnostic("'\(word)' is not an element of type \(type.element)") }
      return value
    }
    if type.element == .bool {
      return Tensor(
        type,
        integers: try words.map { word throws(Diagnostic) in
          try number(word) { Bool($0) ?? ["0": false, "1": true][$0] } ? 1 : 0
        })
    }
    if type.element.isFloat {
      // What is shorter than a double would be rounded twice if the text were rounded to the nearest double first.
      return Tensor(
        type,
        reals: try words.map { word throws(Diagnostic) in
          try number(word) { type.element == .f64 ? Double($0) : Decimal.roundedToOdd($0) }
        })
    }
    let tensor = Tensor(type, integers: try words.map { word throws(Diagnostic) in try number(word) { Int128($0) } })
    for (word, value) in zip(words, tensor.integers) where Int128(word) != value {
      throw Diagnostic("\(word) is out of the range of type \(type.element)")
    }
    return tensor
  }
}

extension Tensor {
  /// Creates a tensor of pseudo-random numbers, always the same for a seed: floats between -1 and 1, integers of 8 bits
  /// and less over their whole range, wider ones between -100 and 100 (0 and 100 where unsigned), and bools.
  public init(random type: TensorType, seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1
    func next() -> Int32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(truncatingIfNeeded: state >> 32)
    }
    if type.element.isFloat {
      self.init(type, reals: (0..<type.elementCount).map { _ in Double(Float(next()) / Float(Int32.max)) })
    } else {
      let values = (0..<type.elementCount).map { _ in
        let value = Int128(next() >> 8)
        return switch type.element {
        case .bool: value & 1
        case .bit: 2 * (value & 1) - 1
        case .i8, .u8, .i4, .u4, .i2, .u2: value
        default: type.element.isUnsigned ? abs(value) % 101 : value % 101
        }
      }
      self.init(type, integers: values)
    }
  }
}
