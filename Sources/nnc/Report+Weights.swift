import CodegenC

extension Report {
  /// Where the weights are.
  struct Weights: Encodable {
    /// How the program gets them, as in `--weights`.
    let form: WeightForm
    /// All constants, wherever they are.
    let bytes: Int
    /// The file that has them, if there is one.
    let file: File?

    /// The file with the weights.
    struct File: Encodable {
      let name: String
      let bytes: Int
      /// What its address in memory is a multiple of.
      let alignment: Int
      /// The CRC-32 of what follows the first 16 bytes.
      let crc32: UInt32
    }

    init(_ model: CModel) {
      form = model.weightForm
      bytes = model.constants.reduce(0) { $0 + $1.byteCount }
      file = model.weightsFile.map {
        File(name: $0.name, bytes: $0.byteCount, alignment: $0.alignment, crc32: $0.checksum)
      }
    }

    /// Where they are, in words; nil where they are few numbers in the C.
    var place: String? {
      let file = file.map { "\($0.bytes) bytes in \($0.name)" } ?? ""
      return switch form {
      case .array where bytes < Self.manyBytes: nil
      case .array: "numbers in the C; --weights incbin, embed, external and string compile faster"
      case .string: "strings in the C"
      case .incbin: "\(file), which the assembler includes"
      case .embed: "\(file), which the compiler includes"
      case .external: "\(file), whose address the caller passes; no part of the flash"
      }
    }

    /// From how many bytes on compilers take seconds for numbers.
    private static let manyBytes = 1 << 20
  }
}
