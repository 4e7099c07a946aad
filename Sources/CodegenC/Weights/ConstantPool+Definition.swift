import IR

/// The definition of a constant as an array of its own.
extension ConstantPool.Entry {
  /// How many elements the array has; C has none without.
  private var count: Int { max(1, written.byteCount / written.cByteWidth) }

  /// Adds the array, as numbers.
  func writeArray(into c: ByteWriter) {
    c.append("\n/* \(written.description) */\nstatic const \(written.cType) \(symbol)[\(count)] NNC_WEIGHTS = {\n  ")
    var rows = LiteralRows(writer: c)
    written.writeLiterals(to: &rows)
    if written.byteCount == 0 { rows.append("0", "") }
    rows.flush()
    c.append("\n};\n")
  }

  /// Adds the array, as a string that has its bytes and a 0.
  func writeString(into c: ByteWriter) {
    c.append(
      """

      /* \(written.description) */
      NNC_LONG_STRING static const union {
        unsigned char bytes[\(written.byteCount + 1)];
        \(written.cType) elements[\(count)];
      } \(symbol) NNC_WEIGHTS = {
        "
      """)
    written.withUnsafeBytes { StringEscapes.shared.write($0, into: c) }
    c.append("\"};\n")
  }

  /// The declaration of the array, which the assembler includes from a file.
  func inclusion(of path: String, alignment: Int) -> String {
    """

    /* \(written.description) */
    extern const \(written.cType) \(symbol)[\(count)] NNC_INCLUDED(\(symbol));
    NNC_INCLUDE_WEIGHTS(\(symbol), \(path), \(place!), \(written.byteCount), \(alignment));

    """
  }
}
