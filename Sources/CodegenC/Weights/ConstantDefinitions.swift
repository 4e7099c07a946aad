import IR

/// Writes the part of a source file that defines the constants of a model.
struct ConstantDefinitions {
  let pool: ConstantPool
  /// The file that has some of them, if their form has one.
  let file: WeightsFile?
  /// The prefix of the macros of the model.
  let macro: String

  /// The definitions of runtime/ that the definitions need.
  var kernels: Set<String> {
    var kernels: Set<String> = []
    let forms = Set(pool.entries.map(\.form))
    if !forms.isDisjoint(with: [.array, .string, .embed]) { kernels.insert("NNC_WEIGHTS") }
    if forms.contains(.string) { kernels.insert("NNC_LONG_STRING") }
    if forms.contains(.incbin) { kernels.formUnion(["NNC_INCLUDE_WEIGHTS", "NNC_INCLUDED"]) }
    if forms.contains(.embed) { kernels.formUnion(["NNC_ALIGNED_FILE", "NNC_WEIGHTS_AT"]) }
    if forms.contains(.external) { kernels.insert("NNC_WEIGHTS_AT") }
    if pool.entries.contains(where: { $0.form == .array && $0.written.tensor.hasNonFiniteElements }) {
      kernels.formUnion(["NNC_INFINITY_f32", "NNC_NAN_f32", "NNC_INFINITY_f64", "NNC_NAN_f64"])
    }
    return kernels
  }

  /// Adds the definitions, and a comment that says where all constants are.
  func write(into c: ByteWriter) {
    if pool.entries.isEmpty { return }
    c.append("\n/* Weights: \(pool.entries.reduce(0) { $0 + $1.written.byteCount }) bytes\(place). */\n")
    if pool.entries.contains(where: { $0.form != .array }) { writePreparation(into: c) }
    for entry in pool.entries {
      switch entry.form {
      case .array: entry.writeArray(into: c)
      case .string: entry.writeString(into: c)
      case .incbin: c.append(entry.inclusion(of: "\(macro)_WEIGHTS_FILE", alignment: pool.alignment))
      case .embed, .external: break
      }
    }
  }

  /// What the comment says of the place of the constants.
  private var place: String {
    if pool.form == .array { return "" }
    let rest = ", those of fewer than \(WeightForm.smallestByteCount) as arrays"
    guard let file else { return " as strings\(rest)" }
    let words = " in \(file.name.safeInComment), CRC-32 0x\(String(file.checksum, radix: 16))\(rest)"
    if pool.form == .external { return words }
    let (reader, folder) =
      pool.form == .embed ? ("compiler", "beside this one") : ("assembler", "in the folders of -I")
    return "\(words).\n   The \(reader) looks for it \(folder), unless \(macro)_WEIGHTS_FILE is defined as its path"
  }

  /// Adds what stands before constants that are no arrays.
  private func writePreparation(into c: ByteWriter) {
    c.append(Self.refusalOfBigEndian)
    switch pool.form {
    case .array, .string: break
    case .incbin: c.append(Self.refusalOfOtherAssemblers + fileMacro)
    case .embed:
      c.append(Self.refusalWithoutEmbed + fileMacro)
      writeEmbedding(into: c)
      writePlaces(into: c)
    case .external: writePlaces(into: c)
    }
  }

  /// The definition of the path of the file.
  private var fileMacro: String {
    """
    #ifndef \(macro)_WEIGHTS_FILE
    #define \(macro)_WEIGHTS_FILE "\(file!.name)"
    #endif

    """
  }

  /// Adds the array that has the file.
  private func writeEmbedding(into c: ByteWriter) {
    c.append(
      """

      #if defined(__clang__)
      #pragma clang diagnostic push
      #pragma clang diagnostic ignored "-Wc23-extensions"
      #elif defined(__GNUC__)
      #pragma GCC diagnostic push
      #pragma GCC diagnostic ignored "-Wpedantic"
      #endif
      static const NNC_ALIGNED_FILE(\(pool.alignment)) unsigned char \(pool.file)[] NNC_WEIGHTS = {
      #embed \(macro)_WEIGHTS_FILE
      };
      #if defined(__clang__)
      #pragma clang diagnostic pop
      #elif defined(__GNUC__)
      #pragma GCC diagnostic pop
      #endif

      /* Negative where it is another file than that of this C. */
      typedef char \(pool.file)_are_whole[sizeof \(pool.file) == \(pool.fileByteCount) ? 1 : -1];

      """)
  }

  /// Adds a comment that says what lies where in the file.
  private func writePlaces(into c: ByteWriter) {
    let rows = pool.entries.compactMap { entry in entry.place.map { (String($0), entry) } }
    let width = rows.last?.0.count ?? 0
    c.append("\n/* At which byte of the file constants begin:\n")
    for (place, entry) in rows {
      let line = "\(entry.name): \(entry.written.description)".safeInComment
      c.append("     \(String(repeating: " ", count: width - place.count))\(place)  \(line)\n")
    }
    c.append("*/\n")
  }

  private static let refusalOfBigEndian = """
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #error "These weights are the bytes of a little-endian processor: build the model with --weights array."
    #endif

    """

  private static let refusalOfOtherAssemblers = """
    #if !defined(__GNUC__) && !defined(__clang__)
    #error "The file with the weights needs the assembler of gcc or clang: build the model with --weights string or array."
    #endif

    """

  private static let refusalWithoutEmbed = """
    #ifndef __has_embed
    #error "This compiler has no #embed, which is of C23: build the model with --weights incbin, string or array."
    #endif

    """
}
