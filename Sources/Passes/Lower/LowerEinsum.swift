import IR

/// Makes several products of two operands of one of many, and matrix products of those that are without moving elements.
///
///     %y = Einsum(%x, %w, %m) {equation: "bctn,nm,cd->bdtm"}
///   →
///     %a = MatMul(%x as [bct, n], %w)
///     %y = MatMul(%m transposed, %a as [b, c, tm])
///
/// Operands are multiplied two at a time only where that saves at least half of the products, because what is in between
/// takes memory.
let lowerEinsum = Pass(
  "lower-einsum",
  "Makes several products of two operands of one of many, and matrix products of those that are without moving elements.",
  preserves: .upToRounding,
  rules: [
    Rule(on: Einsum.self) { op, node, rewriter in
      let shapes = node.operands.map { rewriter.graph.type(of: $0).shape }
      let contraction = try op.contraction(shapes)
      // No equation has so many operands that it matters that each is tried with each.
      guard contraction.productCount > 0, shapes.count <= 16 else { return nil }
      if shapes.count == 2 {
        return try MatrixForm(contraction, node, rewriter)?.product(node, &rewriter)
      }
      return try rewriter.pairing(of: contraction, node)
    }
  ])

extension Rewriter {
  /// The Einsum of the product of two operands and of the others, for those two with which most is saved.
  fileprivate mutating func pairing(of contraction: Contraction, _ node: Node) throws -> Value? {
    let labels = contraction.labels
    var best: (cost: Int, first: Int, second: Int, kept: [Int])?
    for second in labels.indices.dropFirst() {
      for first in 0..<second {
        let others = labels.indices.filter { $0 != first && $0 != second }
        let needed = Set(contraction.result.indices).union(others.flatMap { labels[$0] })
        let kept = distinct(labels[first] + labels[second]).filter(needed.contains)
        let rest = distinct(others.flatMap { labels[$0] } + kept)
        // Each factor is bounded by the number of products, which is far from overflowing.
        let cost = contraction.count(over: distinct(labels[first] + labels[second])) + contraction.count(over: rest)
        if cost < best?.cost ?? Int.max { best = (cost, first, second, kept) }
      }
    }
    guard let best, best.cost <= contraction.productCount / 2 else { return nil }
    let inputs = [node.inputs[best.first], node.inputs[best.second]]
    // In the order of the result, if that makes a matrix product of it, else as the labels come.
    let orders = [best.kept.sorted(), best.kept]
    let pairs = orders.compactMap { Einsum([labels[best.first], labels[best.second]], $0) }
    guard pairs.count == orders.count else { return nil }
    let chosen = try isMatrixProduct(pairs[0], inputs) ? 0 : 1
    let others = labels.indices.filter { $0 != best.first && $0 != best.second }
    guard let rest = Einsum([orders[chosen]] + others.map { labels[$0] }, Array(contraction.result.indices)) else {
      return nil
    }
    let product = try add(pairs[chosen], inputs, like: node)
    return try add(rest, [product] + others.map { node.inputs[$0] }, like: node)
  }

  private func isMatrixProduct(_ op: Einsum, _ inputs: [Value?]) throws -> Bool {
    let node = Node(op: op, inputs: inputs, types: [], names: [])
    return MatrixForm(try op.contraction(node.operands.map { graph.type(of: $0).shape }), node, self) != nil
  }
}

/// The labels without repetitions, in the order in which they occur.
private func distinct(_ labels: [Int]) -> [Int] {
  labels.enumerated().filter { !labels[..<$0.offset].contains($0.element) }.map(\.element)
}

extension Contraction {
  /// The number of products over some labels.
  fileprivate func count(over labels: [Int]) -> Int { Shape(labels.map { extents[$0] }).elementCount }
}

extension Einsum {
  /// The Einsum of operands with the given labels, if there are letters for all.
  fileprivate init?(_ operands: [[Int]], _ result: [Int]) {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    guard operands.joined().allSatisfy({ $0 < letters.count }) else { return nil }
    func term(_ labels: [Int]) -> String { String(labels.map { letters[$0] }) }
    self.init()
    equation = operands.map(term).joined(separator: ",") + "->" + term(result)
  }
}

/// A contraction of two operands as a matrix product: of which one is on the left, and where rows and columns are.
private struct MatrixForm {
  private let contraction: Contraction
  private let left: Int, right: Int
  /// The labels of the result: those over which matrices are counted, of rows and of columns; and those summed over.
  private let batch: ArraySlice<Int>, rows: ArraySlice<Int>, columns: ArraySlice<Int>, summed: [Int]

  /// The form, if there is one in which all elements of what is no constant remain where they are.
  init?(_ contraction: Contraction, _ node: Node, _ rewriter: Rewriter) {
    let isPlain = zip(contraction.labels, node.operands).allSatisfy { labels, value in
      let shape = rewriter.graph.type(of: value).shape
      return distinct(labels) == labels && zip(labels, shape).allSatisfy { contraction.extents[$0] == $1 }
    }
    guard isPlain else { return nil }
    for left in [0, 1] {
      guard let form = MatrixForm(contraction, left: left) else { continue }
      let isFree = [left, 1 - left].allSatisfy { operand in
        form.wanted(operand) == contraction.labels[operand] || rewriter.constant(node.inputs[operand]) != nil
      }
      if isFree {
        self = form
        return
      }
    }
    return nil
  }

  private init?(_ contraction: Contraction, left: Int) {
    (self.contraction, self.left, right) = (contraction, left, 1 - left)
    let (a, b) = (contraction.labels[left], contraction.labels[right])
    let result = Array(contraction.result.indices)
    columns = result[(result.lastIndex { a.contains($0) || !b.contains($0) } ?? -1) + 1..<result.count]
    let others = result[..<columns.startIndex]
    rows = others[(others.lastIndex { b.contains($0) || !a.contains($0) } ?? -1) + 1..<others.count]
    batch = others[..<rows.startIndex]
    summed = b.filter { $0 >= contraction.result.rank }
    let isShared = (result.count..<contraction.extents.count).allSatisfy { a.contains($0) && b.contains($0) }
    guard !columns.isEmpty, !summed.isEmpty, isShared else { return nil }
  }

  /// The order of labels in which an operand is a list of matrices.
  private func wanted(_ operand: Int) -> [Int] {
    let matrices = batch.filter(contraction.labels[operand].contains)
    return matrices + (operand == left ? rows + summed[...] : summed[...] + columns)
  }

  /// The matrix product.
  func product(_ node: Node, _ rewriter: inout Rewriter) throws -> Value {
    let matrices = try [left, right].map { operand in
      let sides = operand == left ? [Array(rows), summed] : [summed, Array(columns)]
      let extents =
        batch.map { contraction.labels[operand].contains($0) ? contraction.extents[$0] : 1 }
        + sides.map(contraction.count)
      return try rewriter.arranged(
        node.inputs[operand]!, contraction.labels[operand], as: wanted(operand), Shape(extents), node)
    }
    let product = try rewriter.add(MatMul(), matrices, like: node)
    return try rewriter.reshape(product, node.types[0].shape, node)
  }
}

extension Rewriter {
  /// The value with its axes, which are labelled, in another order, and then in another shape.
  fileprivate mutating func arranged(
    _ value: Value, _ labels: [Int], as wanted: [Int], _ shape: Shape, _ node: Node
  ) throws -> Value {
    guard labels != wanted, let tensor = constant(value) else { return try reshape(value, shape, node) }
    let view = StridedView(tensor.shape, strides: tensor.shape.strides)
      .transposed(wanted.map { labels.firstIndex(of: $0)! })
    return try add(
      constant: tensor.gathering(view.offsets, shape: shape), like: node, name: graph.name(of: value))
  }

  /// The value in another shape.
  fileprivate mutating func reshape(_ value: Value, _ shape: Shape, _ node: Node) throws -> Value {
    if graph.type(of: value).shape == shape { return value }
    if let tensor = constant(value) {
      return try add(constant: tensor.reshaped(to: shape), like: node, name: graph.name(of: value))
    }
    let extents = try add(constant: Tensor(shape.map { Int64($0) }), like: node)
    return try add(Reshape(), [value, extents], like: node)
  }
}
