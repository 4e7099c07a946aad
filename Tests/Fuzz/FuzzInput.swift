import Foundation

/// The kinds of model that nnc reads, by the ending of their files.
enum ModelKind: String, CaseIterable {
  case onnx, json
}

/// A model that was changed at random, perhaps so that it is none any more.
struct FuzzInput {
  let kind: ModelKind
  private(set) var model: [UInt8]
  private(set) var weights: (name: String, bytes: [UInt8])?

  /// How many bytes its files have.
  var byteCount: Int { model.count + (weights?.bytes.count ?? 0) }

  /// Creates input number `index`, always the same for the same seeds.
  init(_ kind: ModelKind, _ index: Int, of seeds: [Seed]) {
    self.kind = kind
    var random = RandomSource(seed: UInt64(index) &* 2 &+ (kind == .onnx ? 0 : 1))
    let seed = random.element(of: seeds)
    let other = random.element(of: seeds)
    model = seed.model
    weights = seed.weights
    for _ in 0...(random.percent(60) ? 0 : random.below(4)) { mutate(with: other, &random) }
  }

  private mutating func mutate(with other: Seed, _ random: inout RandomSource) {
    if var bytes = weights?.bytes, random.percent(25) {
      if random.percent(50) {
        random.damage(&bytes, with: other.weights?.bytes ?? [])
      } else {
        Self.editHeader(&bytes, &random)
      }
      weights?.bytes = bytes
    } else if random.percent(30) {
      random.damage(&model, with: other.model)
    } else {
      model = kind == .onnx ? random.editProtobuf(model) : random.editJSON(model)
    }
  }

  /// Changes the header of a safetensors file, whose length stays right most of the time.
  private static func editHeader(_ bytes: inout [UInt8], _ random: inout RandomSource) {
    guard bytes.count >= 8 else { return }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else { return }
    let header = random.editJSON(Array(bytes[8..<8 + Int(length)]))
    bytes.replaceSubrange(8..<8 + Int(length), with: header)
    let claimed = random.percent(90) ? UInt64(header.count) : random.interestingInteger()
    withUnsafeBytes(of: claimed.littleEndian) { bytes.replaceSubrange(..<8, with: $0) }
  }

  /// Writes the model into a folder.
  ///
  /// - Returns: Its path.
  @discardableResult
  func write(to folder: String) throws -> String {
    let path = "\(folder)/model.\(kind.rawValue)"
    try Data(model).write(to: URL(filePath: path))
    if let weights { try Data(weights.bytes).write(to: URL(filePath: "\(folder)/\(weights.name)")) }
    return path
  }
}
