import Host

extension Report {
  /// Adds what the compiler of the target makes of the C.
  ///
  /// - Parameter weightBytes: The bytes that the constants of each step take as arrays of their own.
  mutating func add(_ footprint: Footprint, weightBytes: [Int]) {
    self.footprint = footprint
    let functions = Dictionary(grouping: footprint.functions, by: \.sourceName)
    for (index, step) in steps.enumerated() {
      guard let function = step.function, let parts = functions[function] else { continue }
      steps[index].codeBytes = parts.reduce(0) { $0 + $1.codeBytes }
      steps[index].stackBytes = parts.map(\.stackBytes).max()
      // A compiler may make constants a part of the code.
      steps[index].tableBytes = max(0, parts.reduce(-weightBytes[index]) { $0 + $1.constantBytes })
    }
  }

  /// The functions that belong to no step.
  var otherFunctions: [Footprint.Function] {
    let ofSteps = Set(steps.compactMap(\.function))
    return (footprint?.functions ?? []).filter { !ofSteps.contains($0.sourceName) }
  }

  /// What the RAM of the model consists of, as far as it is known; inputs and outputs do not count.
  var ramParts: [(name: String, bytes: Int)] {
    let parts = [
      ("arena", arenaBytes), ("state", stateBytes), ("data", footprint?.dataBytes ?? 0),
      ("stack", footprint?.stackBytes ?? 0),
    ]
    return parts.filter { $0.1 > 0 }
  }

  /// All RAM that the model takes, as far as it is known.
  var ramBytes: Int { ramParts.reduce(0) { $0 + $1.bytes } }
}

extension Footprint.Function {
  /// The name in the C: compilers add words after a dot to those that they copy or split.
  fileprivate var sourceName: String { String(name.prefix { $0 != "." }) }
}
