/// An equation over labelled axes, as in `ij,jk->ik`: one term of labels for each operand, and one for the result.
struct EinsumEquation {
  /// What stands for an axis, or for several.
  enum Label: Hashable {
    case letter(Character)
    /// `...`: all axes that have no letter.
    case ellipsis
  }

  /// The labels of the axes of each operand.
  let operands: [[Label]]
  /// The labels of the axes of the result; nil where the equation does not say.
  let result: [Label]?

  /// Reads an equation.
  ///
  /// - Throws: A diagnostic that says what cannot be understood.
  init(_ equation: String) throws(Diagnostic) {
    let text = equation.filter { $0 != " " }
    try require(!text.isEmpty, "attribute 'equation' is missing or empty; it should be as in \"ij,jk->ik\"")
    var sides = [text[...]]
    if let arrow = text.firstRange(of: "->") {
      sides = [text[..<arrow.lowerBound], text[arrow.upperBound...]]
    }
    var terms: [[Label]] = []
    for term in sides[0].split(separator: ",", omittingEmptySubsequences: false) {
      terms.append(try Self.labels(term, equation))
    }
    operands = terms
    result = sides.count > 1 ? try Self.labels(sides[1], equation) : nil
  }

  private static func labels(_ term: Substring, _ equation: String) throws(Diagnostic) -> [Label] {
    var labels: [Label] = []
    var rest = term
    while let first = rest.first {
      if rest.hasPrefix("...") {
        try require(!labels.contains(.ellipsis), "equation \"\(equation)\" has two ellipses in one term")
        labels.append(.ellipsis)
        rest.removeFirst(3)
      } else {
        try require(
          first.isASCII && first.isLetter,
          "equation \"\(equation)\" has '\(first)' where a letter, an ellipsis or '->' is expected")
        labels.append(.letter(first))
        rest.removeFirst()
      }
    }
    return labels
  }

  /// The labels of the result where the equation does not say: the ellipsis, then in alphabetical order the letters that
  /// occur once.
  var impliedResult: [Label] {
    var counts: [Character: Int] = [:]
    for case .letter(let letter) in operands.joined() { counts[letter, default: 0] += 1 }
    let letters = counts.filter { $0.value == 1 }.keys.sorted()
    return [.ellipsis] + letters.map { .letter($0) }
  }
}

/// A sum of products of elements of some operands: which axes there are, and how each operand lies along them.
public struct Contraction: Hashable, Sendable {
  /// The shape of the result.
  public let result: Shape
  /// The extents of the axes that are summed over.
  public let summed: Shape
  /// For each operand the labels of its axes, which count the axes of the result and then those summed over.
  public let labels: [[Int]]
  /// For each operand its strides along the axis of each label.
  public let strides: [[Int]]

  /// The extent of the axis of each label.
  public var extents: [Int] { result.extents + summed.extents }

  /// How many products there are.
  public var productCount: Int { Shape(extents).elementCount }

  /// The largest number of products, which no device would ever compute.
  private static let maximumProductCount = 1 << 48

  /// One axis of the equation: a letter, or an axis of the ellipsis, counted from the last.
  private enum Axis: Hashable {
    case letter(Character)
    case broadcast(Int)
  }

  /// What an equation means for operands of the given shapes.
  ///
  /// - Throws: A diagnostic if they do not fit each other.
  init(_ equation: EinsumEquation, _ shapes: [Shape]) throws(Diagnostic) {
    try require(
      equation.operands.count == shapes.count,
      "the equation has \(equation.operands.count) terms before '->', but there are \(shapes.count) operands")
    var axes: [[Axis]] = []
    for (index, term) in equation.operands.enumerated() {
      axes.append(try Self.axes(term, shapes[index], operand: index))
    }
    let hidden = axes.joined().reduce(0) { if case .broadcast(let index) = $1 { max($0, index + 1) } else { $0 } }
    let term = equation.result ?? equation.impliedResult
    try require(
      hidden == 0 || term.contains(.ellipsis), "the result has no ellipsis, but the operands have one with axes")
    let kept = term.flatMap { Self.axes($0, ellipsisRank: hidden) }
    let extents = try Self.extents(axes, shapes)
    for (index, axis) in kept.enumerated() {
      guard case .letter(let letter) = axis else { continue }
      try require(extents[axis] != nil, "the result has the label '\(letter)', but no operand has")
      try require(!kept[..<index].contains(axis), "the result has the label '\(letter)' twice")
    }
    var others: [Axis] = []
    for axis in axes.joined() where !kept.contains(axis) && !others.contains(axis) { others.append(axis) }
    result = Shape(kept.map { extents[$0]! })
    summed = Shape(others.map { extents[$0]! })
    let all = kept + others
    let indices = axes.map { $0.map { all.firstIndex(of: $0)! } }
    labels = indices
    strides = zip(indices, shapes).map { labels, shape in Self.strides(labels, shape, count: all.count) }
    try require(
      productCount <= Self.maximumProductCount,
      "the equation adds up \(productCount) products of elements, of which at most \(Self.maximumProductCount) are possible"
    )
  }

  /// The strides of an operand along the axes of all labels. A label that it has twice walks along its diagonal; an axis
  /// of extent 1 is repeated.
  private static func strides(_ labels: [Int], _ shape: Shape, count: Int) -> [Int] {
    var strides = [Int](repeating: 0, count: count)
    for (axis, stride) in shape.strides.enumerated() where shape[axis] != 1 { strides[labels[axis]] += stride }
    return strides
  }

  /// The axes of an operand.
  private static func axes(_ term: [EinsumEquation.Label], _ shape: Shape, operand: Int) throws(Diagnostic) -> [Axis] {
    let letters = term.count { $0 != .ellipsis }
    try require(
      term.contains(.ellipsis) ? letters <= shape.rank : letters == shape.rank,
      "the equation has \(letters) letters for operand \(operand), but its shape is [\(shape)]")
    return term.flatMap { axes($0, ellipsisRank: shape.rank - letters) }
  }

  private static func axes(_ label: EinsumEquation.Label, ellipsisRank: Int) -> [Axis] {
    switch label {
    case .letter(let letter): [.letter(letter)]
    case .ellipsis: (0..<ellipsisRank).reversed().map { .broadcast($0) }
    }
  }

  /// The extent of each axis: that of all operands that have it, of which some may have extent 1.
  private static func extents(_ axes: [[Axis]], _ shapes: [Shape]) throws(Diagnostic) -> [Axis: Int] {
    var extents: [Axis: Int] = [:]
    for (operand, (axes, shape)) in zip(axes, shapes).enumerated() {
      for (index, axis) in axes.enumerated() {
        let name = if case .letter(let letter) = axis { "the label '\(letter)'" } else { "the ellipsis" }
        if let other = axes[..<index].firstIndex(of: axis) {
          try require(
            shape[other] == shape[index],
            "operand \(operand) of shape [\(shape)] has axes of extents \(shape[other]) and \(shape[index]) for \(name)"
          )
        }
        let known = extents[axis] ?? 1
        try require(
          known == 1 || shape[index] == 1 || known == shape[index],
          "operand \(operand) of shape [\(shape)] has extent \(shape[index]) for \(name), but another has \(known)")
        extents[axis] = known == 1 ? shape[index] : known
      }
    }
    return extents
  }
}
