/// The source file of a model, in parts: its constants become text only while they are written.
struct SourceFile: FileContent {
  /// All that stands before the constants.
  let head: String
  let constants: ConstantDefinitions
  /// All that stands after the constants.
  let steps: String

  func write(into c: ByteWriter) {
    c.append(head)
    constants.write(into: c)
    c.append(steps)
  }
}

extension SourceWriter {
  /// The source file, once the steps are written.
  func source(_ weights: WeightsFile?, _ options: CModel.Options) -> SourceFile {
    let run = current.definition(of: interface)
    let definitions = ConstantDefinitions(pool: constants, file: weights, macro: interface.macro)
    var code = functions.text + "\n" + run.text
    var kernels = functions.kernels.union(run.kernels).union(definitions.kernels).union(["nnc_index"])
    for part in [interface.takesWeights ? interface.weightsDefinitions(weights!) : nil, selfTest].compactMap({ $0 }) {
      kernels.formUnion(part.kernels)
      code += part.text
    }
    for macro in Self.macros where code.contains(macro) { kernels.insert(macro) }
    let head =
      interface.banner(options)
      + "#include \"\(options.fileStem ?? name).h\"\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
      + options.runtime.declarations(of: kernels, for: target)
    return SourceFile(
      head: head, constants: definitions, steps: "\n/* Steps. */\n" + code + "\n" + interface.descriptorDefinition)
  }

  /// The macros that may stand in what is written without a note.
  private static let macros = [
    "NNC_RESTRICT", "NNC_BARRIER", "NNC_INFINITY_f32", "NNC_NAN_f32", "NNC_INFINITY_f64", "NNC_NAN_f64",
  ]
}
