import IR

/// A constant in the source; one of a packed type may be there in two forms.
struct WrittenConstant: Hashable {
  let tensor: Tensor
  /// Whether elements share bytes.
  let isPacked: Bool

  /// The bytes that it takes.
  var byteCount: Int { isPacked ? tensor.type.byteCount : tensor.type.cByteCount }

  /// The definition of the array.
  func definition(named name: String) -> String {
    let literals = isPacked ? tensor.byteLiterals : tensor.cLiterals
    let rows = cRows(of: literals.isEmpty ? ["0"] : literals)
    let count = 8 / tensor.element.bitWidth
    let packing =
      tensor.element == .bit
      ? ", 32 elements to a word, the first in the lowest bit"
      : !tensor.element.isPacked
        ? "" : isPacked ? ", \(count) elements to a byte, the first in the lowest bits" : ", one element to a byte"
    let type = isPacked ? "uint8_t" : tensor.element.cType
    return "/* \(tensor.type)\(packing) */\nstatic const \(type) \(name)[\(max(1, literals.count))] NNC_WEIGHTS = {\n"
      + rows.map { "  " + $0 + "\n" }.joined() + "};\n"
  }
}
