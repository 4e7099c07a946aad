import IR
import Targets

/// How a program gets the weights of a model, as in `--weights`.
///
/// All forms but `array` have the bytes as a little-endian processor has them in memory.
public enum WeightForm: String, CaseIterable, Encodable, Sendable {
  /// Arrays of numbers in the C: any compiler of C99 takes them, and needs seconds and hundreds of megabytes for each
  /// million.
  case array
  /// Strings in the C, which compilers read some twenty times as fast.
  case string
  /// A file beside the C that the assembler of gcc or clang includes.
  case incbin
  /// A file beside the C that the compiler includes, as C23 has it.
  case embed
  /// A file that is no part of the program: the caller passes its address in memory.
  case external

  /// Whether the weights lie in a file of their own.
  public var hasFile: Bool {
    switch self {
    case .array, .string: false
    case .incbin, .embed, .external: true
    }
  }

  /// Constants of fewer bytes are arrays in every form: compilers make numbers in the code of them.
  static let smallestByteCount = 64

  /// Throws a diagnostic if programs for a target cannot have weights in this form.
  public func check(for target: Target) throws(Diagnostic) {
    guard self == .external, target.hasSeparateProgramMemory else { return }
    throw Diagnostic(
      "weights that are not part of the program cannot be read on \(target.name), where instructions of their own read "
        + "them from the memory of the program; use --weights array, string, incbin or embed")
  }
}
