import IR

/// A change of the meaning of operators between versions of the ONNX operators, as what it takes to express a node of
/// an older version in today's terms.
struct Upgrade {
  /// The operators that changed, by their qualified names.
  let operators: [String]
  /// The first version of their domain that has today's meaning; nodes of older ones are rewritten.
  let version: Int
  let rewrite: @Sendable (inout NodeDraft, inout Graph) throws -> Void

  private init(
    _ operators: String..., before version: Int,
    _ rewrite: @escaping @Sendable (inout NodeDraft, inout Graph) throws -> Void
  ) {
    self.operators = operators
    self.version = version
    self.rewrite = rewrite
  }

  /// The versions of each domain that the table covers, of which the operations of the IR have the meanings of the
  /// newest.
  static let versions: [(domain: String, supported: ClosedRange<Int>)] = [
    ("", 1...27), ("ai.onnx.ml", 1...5), ("ai.onnx.preview", 1...1), ("ai.onnx.preview.training", 1...1),
    ("com.microsoft", 1...1),
    ("qonnx.custom_op.general", 1...2),
  ]

  /// Rewrites a node of an older version of its domain.
  static func apply(to draft: inout NodeDraft, from version: Int, in graph: inout Graph) throws {
    draft.take("consumed_inputs")  // a hint for memory that versions before 6 gave
    for upgrade in all where upgrade.operators.contains(draft.type) && version < upgrade.version {
      try upgrade.rewrite(&draft, &graph)
    }
  }

  /// What the operator `name` of a version is called today.
  static func currentName(of name: String, in version: Int) -> String {
    switch name {
    case "Upsample" where version < 10: "Resize"
    case "Scatter" where version < 11: "ScatterElements"
    default: name
    }
  }

  /// All changes. Where several concern one operator they apply from top to bottom.
  private static let all = [
    // Attributes of the first versions, which had other names, types or defaults.
    Upgrade("Pad", before: 2) { draft, _ in if let pads = draft.take("paddings") { draft.set("pads", pads) } },
    Upgrade("LpPool", "GlobalLpPool", before: 2) { draft, _ in
      guard let p = try draft.takeFloat("p") else { return }
      guard let integer = Int(exactly: p) else {
        throw Diagnostic("\(draft.type) with p: \(p), which is no integer, is not supported", at: draft.location)
      }
      draft.set("p", .int(integer))
    },
    Upgrade("Concat", before: 4) { draft, _ in
      if draft.attributes["axis"] == nil { draft.set("axis", .int(1)) }
    },
    Upgrade("Reshape", before: 5) { try $0.moveInts("shape", to: 1, in: &$1) },
    Upgrade("Selu", before: 6) { draft, _ in
      for (name, value) in [("alpha", 1.6732), ("gamma", 1.0507)] where draft.attributes[name] == nil {
        draft.set(name, .float(value))
      }
    },
    Upgrade("Cast", before: 6) { draft, _ in try draft.readTypeName("to") },
    // Operands were broadcast only where an attribute said so, perhaps from an axis on.
    Upgrade("Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor", before: 7) {
      try $0.broadcastFromAxis(in: &$1)
    },
    Upgrade("Gemm", before: 7) { draft, _ in draft.take("broadcast") },
    // The slope was one for each channel, which is axis 1.
    Upgrade("PRelu", before: 7) { draft, graph in
      let rank = graph.type(of: try draft.required(0)).shape.rank
      let slope = try draft.required(1)
      guard rank > 2, graph.type(of: slope).shape.rank == 1, graph.type(of: slope).elementCount > 1 else { return }
      draft.setOperand(1, try graph.reshape(slope, to: [-1] + [Int](repeating: 1, count: rank - 2), at: draft.location))
    },
    // Training has become an attribute of its own, or an operand.
    Upgrade("Dropout", before: 7) { draft, _ in draft.take("is_test") },
    Upgrade("Dropout", before: 12) { draft, _ in draft.take("ratio") },
    Upgrade("BatchNormalization", before: 7) { draft, _ in draft.take("is_test") },
    Upgrade("BatchNormalization", before: 9) { draft, _ in
      guard try draft.takeInt("spatial") ?? 1 == 1 else {
        throw Diagnostic(
          "BatchNormalization with statistics for each position (spatial: 0) is not supported", at: draft.location)
      }
    },
    Upgrade("RNN", "GRU", "LSTM", before: 7) { draft, _ in draft.take("output_sequence") },

    // Scales became an operand, then the operator a special case of Resize.
    Upgrade("Upsample", before: 9) { draft, graph in
      guard let scales = try draft.takeFloats("scales") else {
        throw Diagnostic("Upsample without scales is not supported", at: draft.location)
      }
      draft.setOperand(1, try graph.add(Constant(Tensor(scales.map { Float($0) })), name: nil, at: draft.location))
    },
    Upgrade("Upsample", before: 10) { draft, _ in
      draft.type = "Resize"
      if draft.attributes["mode"] == .string("bilinear") { draft.set("mode", .string("linear")) }
    },
    Upgrade("Resize", before: 11) { draft, _ in
      draft.operands.insert(nil, at: min(1, draft.operands.count))  // the region of interest
      draft.set("coordinate_transformation_mode", .string("asymmetric"))
      draft.set("nearest_mode", .string("floor"))
    },
    // Operands that are left out used to be empty tensors, and exporters still write them so.
    Upgrade("Resize", before: .max) { draft, graph in
      for index in 1..<4 {
        if let value = draft.operand(index), graph.type(of: value).elementCount == 0 { draft.setOperand(index, nil) }
      }
    },

    // Attributes that became operands.
    Upgrade("TopK", before: 10) { draft, graph in
      guard let k = try draft.takeInt("k") else { throw Diagnostic("TopK has no attribute 'k'", at: draft.location) }
      draft.setOperand(1, try graph.add(Constant(Tensor([Int64(k)])), name: nil, at: draft.location))
    },
    Upgrade("Slice", before: 10) { draft, graph in
      try draft.moveInts("starts", to: 1, in: &graph)
      try draft.moveInts("ends", to: 2, in: &graph)
      try draft.moveInts("axes", to: 3, in: &graph)
    },
    Upgrade("Clip", before: 11) { draft, graph in
      for (index, name) in [(1, "min"), (2, "max")] { try draft.moveNumber(name, to: index, in: &graph) }
    },
    Upgrade("Pad", before: 11) { draft, graph in
      try draft.moveInts("pads", to: 1, in: &graph)
      try draft.moveNumber("value", to: 2, in: &graph)
    },
    Upgrade("Squeeze", "Unsqueeze", "ReduceSum", before: 13) { try $0.moveInts("axes", to: 1, in: &$1) },
    Upgrade("Split", before: 13) { try $0.moveInts("split", to: 1, in: &$1) },
    Upgrade(
      "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
      "ReduceSumSquare", before: 18
    ) { try $0.moveInts("axes", to: 1, in: &$1) },
    Upgrade("DFT", before: 20) { draft, graph in
      let axis = Int64(try draft.takeInt("axis") ?? 1)
      draft.setOperand(2, try graph.add(Constant(Tensor(scalar: axis)), name: nil, at: draft.location))
    },
    // Parts used to be as many as outputs; some exporters still leave their number out.
    Upgrade("Split", before: .max) { draft, _ in
      if draft.operand(1) == nil, draft.attributes["num_outputs"] == nil {
        draft.set("num_outputs", .int(draft.outputs.count))
      }
    },

    // Operators that got another name, other words or other defaults.
    Upgrade("Scatter", before: 11) { draft, _ in draft.type = "ScatterElements" },
    Upgrade("Softmax", "LogSoftmax", "Hardmax", before: 13) { try $0.flattenFromAxis(in: &$1) },
    Upgrade("RoiAlign", before: 16) { draft, _ in
      draft.set("coordinate_transformation_mode", .string("output_half_pixel"))
    },
    Upgrade("GridSample", before: 20) { draft, _ in
      if draft.attributes["mode"] == .string("bilinear") { draft.set("mode", .string("linear")) }
      if draft.attributes["mode"] == .string("bicubic") { draft.set("mode", .string("cubic")) }
    },
    Upgrade("GroupNormalization", before: 21) { try $0.repeatGroups(in: &$1) },
    // Batches that are not the first axes, which no exporter writes.
    Upgrade("com.microsoft.FusedMatMul", before: .max) { draft, _ in
      for name in ["transBatchA", "transBatchB"] where try draft.takeInt(name) ?? 0 != 0 {
        throw Diagnostic("FusedMatMul with \(name) is not supported", at: draft.location)
      }
    },
  ]
}
