import IR

/// What a model keeps from one run to the next: a struct that the caller owns.
extension CInterface {
  /// The numbers of the inputs that are states, in the order of the model.
  var stateInputs: [Int] { allInputs.indices.filter { states[$0] != nil } }

  /// The expressions for the first elements of all inputs.
  var inputExpressions: [String] {
    allInputs.indices.map { (states[$0] == nil ? "inputs->" : "state->") + allInputs[$0].identifier }
  }

  /// The expressions for the first elements of all outputs.
  var outputExpressions: [String] {
    let inputs = Dictionary(uniqueKeysWithValues: states.map { ($1, $0) })
    return allOutputs.indices.map { index in
      inputs[index].map { "state->\(allInputs[$0].identifier)" } ?? "outputs->\(allOutputs[index].identifier)"
    }
  }

  /// The parameters of `NAME_run`.
  var runParameters: String {
    let state = states.isEmpty ? [] : ["\(name)_state *state"]
    return (["const \(name)_inputs *inputs", "const \(name)_outputs *outputs"] + state + lastParameters)
      .joined(separator: ", ")
  }

  /// The size of `NAME_state` where members are aligned to their size.
  var stateByteCount: Int {
    let widths = stateInputs.map { allInputs[$0].type.element.cByteWidth }
    let end = zip(stateInputs, widths).reduce(0) { end, field in
      end.rounded(upTo: field.1) + max(1, allInputs[field.0].type.elementCount) * field.1
    }
    return end.rounded(upTo: widths.max() ?? 1)
  }

  /// The struct and the function that begins it.
  var stateDeclarations: String {
    let members = stateInputs.map { allInputs[$0] }.map {
      "  \($0.type.element.cType) \($0.identifier)[\(max(1, $0.type.elementCount))]; /* \($0.comment) */\n"
    }
    return """

      /* What is kept from one run to the next. */
      typedef struct {
      \(members.joined())} \(name)_state;

      /* The bytes of the state, for programs that reserve memory without the type. */
      #define \(macro)_STATE_BYTES \(stateByteCount)

      /* Begins a sequence: all elements become 0. Call it before the first run. */
      void \(name)_reset(\(name)_state *state);

      """
  }

  /// The definition of `NAME_reset`.
  var resetDefinition: CWriter {
    var c = CWriter()
    c.block("void \(name)_reset(\(name)_state *state)") { c in
      for input in stateInputs.map({ allInputs[$0] }) {
        let count = max(1, input.type.elementCount)
        c.line("for (\(c.kernel("nnc_index")) i = 0; i < \(count); ++i) state->\(input.identifier)[i] = 0;")
      }
    }
    c.line()
    return c
  }
}
