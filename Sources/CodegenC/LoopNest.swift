import IR

/// A loop over a shape in which some arrays are reached at fixed strides.
///
/// Neighbouring axes that all arrays walk through alike are one loop.
public struct LoopNest {
  /// The extents of the loops, outermost first.
  public private(set) var extents: [Int] = []
  /// For each array, how many elements each loop moves on.
  public private(set) var strides: [[Int]]
  private let starts: [Int]
  private let prefix: String

  /// Creates the loops over `shape`, for arrays that are reached with the given strides, from the given elements on.
  ///
  /// The names of the variables begin with `prefix`; loops inside others need another one.
  public init(over shape: Shape, strides: [[Int]], starts: [Int]? = nil, prefix: String = "i") {
    self.prefix = prefix
    self.strides = strides.map { _ in [] }
    self.starts = starts ?? strides.map { _ in 0 }
    for axis in shape.indices where shape[axis] != 1 {
      let joins =
        !extents.isEmpty
        && strides.indices.allSatisfy { array in
          self.strides[array].last == strides[array][axis] * shape[axis]
        }
      if joins { extents[extents.count - 1] *= shape[axis] } else { extents.append(shape[axis]) }
      for array in strides.indices {
        if joins { self.strides[array].removeLast() }
        self.strides[array].append(strides[array][axis])
      }
    }
  }

  /// Adds the loops to `c`, around what `body` adds for the given index expressions of the arrays.
  public func emit(into c: inout CWriter, _ body: (inout CWriter, _ indices: [String]) throws -> Void) rethrows {
    try loop(0, into: &c, body)
  }

  private func loop(
    _ depth: Int, into c: inout CWriter, _ body: (inout CWriter, [String]) throws -> Void
  ) rethrows {
    guard depth < extents.count else { return try body(&c, strides.indices.map(index)) }
    let (i, type) = ("\(prefix)\(depth)", c.kernel("nnc_index"))
    try c.block("for (\(type) \(i) = 0; \(i) < \(extents[depth]); ++\(i))") { try loop(depth + 1, into: &$0, body) }
  }

  private func index(of array: Int) -> String {
    var terms: [String] = []
    for (loop, stride) in strides[array].enumerated() where stride != 0 {
      terms.append(stride == 1 ? "\(prefix)\(loop)" : "\(prefix)\(loop) * \(stride)")
    }
    if starts[array] != 0 || terms.isEmpty { terms.append("\(starts[array])") }
    return terms.joined(separator: " + ").replacingNegativeTerms
  }
}

extension String {
  /// `a + -b` as `a - b`.
  fileprivate var replacingNegativeTerms: String {
    split(separator: " ", omittingEmptySubsequences: false).reduce(into: "") { text, word in
      if word.hasPrefix("-"), text.hasSuffix("+") {
        text.removeLast()
        text += "- " + word.dropFirst()
      } else {
        text += (text.isEmpty ? "" : " ") + word
      }
    }
  }
}
