import IR

/// Weights that are no part of the program: a file whose address the caller passes.
extension CInterface {
  /// What the name of the model and `_` precede in the symbols for the file.
  static let weightsSuffixes = ["check_weights", "weights_descriptor"]

  /// What follows the name of the parameter in the header: its size, its alignment and its checksum.
  func weightsMacros(_ file: WeightsFile) -> String {
    """

    /* \(file.name.safeInComment), of which the caller passes the address in memory: its size, what the address must be a multiple
       of, and the CRC-32 of all that follows the first \(WeightsFile.headerByteCount) bytes. */
    #define \(macro)_WEIGHTS_BYTES \(file.byteCount)
    #define \(macro)_WEIGHTS_ALIGNMENT \(file.alignment)
    #define \(macro)_WEIGHTS_CRC32 0x\(String(file.checksum, radix: 16))U
    """
  }

  /// The declarations for the file.
  var weightsDeclarations: String {
    """

    /* Reads all weights, of which \(macro)_WEIGHTS_BYTES or more must be there: call it once, before the first run. Returns
       what \(name)_run would, or 3 if fewer bytes are there, or 4 if one is not as it was built. */
    int \(name)_check_weights(const void *weights, uint32_t size);

    #ifndef NNC_WEIGHTS_TYPE
    #define NNC_WEIGHTS_TYPE
    typedef struct {
      const char *file; /* the name that it was written under */
      uint32_t bytes;
      uint32_t alignment;
      uint32_t crc32;
    } nnc_weights;
    #endif

    /* Description of the weights, for programs that handle models in general. */
    extern const nnc_weights \(name)_weights_descriptor;

    """
  }

  /// What `NAME_run` returns, for the comment in the header.
  var errorCodes: String {
    takesWeights
      ? "Returns 0, or 1 if a pointer is NULL, or 2 if the arena or the weights are not aligned, or 3 if the weights are not\n"
        + "   those of this model."
      : "Returns 0, or 1 if a pointer is NULL, or 2 if the arena is not aligned."
  }

  /// The parameters of functions that get the weights and an arena.
  var lastParameters: [String] { (takesWeights ? ["const void *weights"] : []) + ["void *arena"] }

  /// The expression for the error that the weights cause.
  func weightsError(_ c: inout CWriter) -> String {
    let numbers = ["ALIGNMENT", "BYTES", "CRC32"].map { "\(macro)_WEIGHTS_\($0)" }
    return "\(c.kernel("nnc_weights_error"))(\((["weights"] + numbers).joined(separator: ", ")))"
  }

  /// The definitions for the file.
  func weightsDefinitions(_ file: WeightsFile) -> CWriter {
    var c = CWriter()
    c.line()
    c.block("int \(name)_check_weights(const void *weights, uint32_t size)") { c in
      let header = WeightsFile.headerByteCount
      c.line("const int error = weights != NULL && size < \(macro)_WEIGHTS_BYTES ? 3 : \(weightsError(&c));")
      c.line("if (error != 0) return error;")
      c.line(
        "return \(c.kernel("nnc_crc32"))((const uint8_t *)weights + \(header), \(macro)_WEIGHTS_BYTES - \(header)) == "
          + "\(macro)_WEIGHTS_CRC32 ? 0 : 4;")
    }
    c.line()
    c.line("const nnc_weights \(name)_weights_descriptor = {")
    c.line("  \(file.name.cString), \(macro)_WEIGHTS_BYTES, \(macro)_WEIGHTS_ALIGNMENT, \(macro)_WEIGHTS_CRC32,")
    c.line("};")
    return c
  }
}
