import IR

extension Resize: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    // The types of a node that exists have been inferred from its geometry.
    guard let geometry = try? geometry(operands) else { return 0 }
    let plan = InterpolationPlan(self, geometry, operands.first.element)
    return plan.isSelection ? 0 : plan.bufferByteCounts.reduce(0, +)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let plan = InterpolationPlan(self, try geometry(site.operands), site.type(0).element)
    if plan.isSelection { return plan.emitSelection(site, into: &c) }
    guard site.resultType.elementCount > 0 else { return c.line("(void)\(site.result.name);") }
    try plan.emitPasses(site, outside: Double(extrapolationValue), into: &c)
  }
}

/// How a tensor is resized, axis after axis.
private struct InterpolationPlan {
  /// Each axis.
  let tables: [Interpolation]
  /// The extents before.
  let input: [Int]
  /// The axes that change.
  let changed: [Int]
  /// The type of elements of the tensor.
  let element: ElementType
  /// The type of elements between two passes: integers are interpolated in double precision and rounded once.
  let work: ElementType

  init(_ op: Resize, _ geometry: [AxisResize], _ element: ElementType) {
    tables = geometry.map(op.interpolation)
    input = geometry.map(\.input)
    changed = geometry.indices.filter { !geometry[$0].isIdentity }
    self.element = element
    work = element.isFloat ? element : .f64
  }

  /// Whether each element of the result is one of the operand.
  var isSelection: Bool { tables.allSatisfy { $0.isSelection && !$0.hasOutside } }

  /// The sizes of the buffers in scratch memory, at most two, which hold in turn what is between passes, and for integers
  /// also what is before the first and behind the last.
  var bufferByteCounts: [Int] {
    let stored = work == element ? Array(1..<max(1, changed.count)) : Array(0...changed.count)
    var sizes: [Int] = []
    for (index, passes) in stored.enumerated() {
      let size = TensorType(work, shape(after: passes)).byteCount
      let aligned = size.rounded(upTo: MemoryPlan.largestAlignment)
      if index < 2 { sizes.append(aligned) } else { sizes[index % 2] = max(sizes[index % 2], aligned) }
    }
    return sizes
  }

  /// The extents when the first `passes` changed axes have been resized.
  func shape(after passes: Int) -> Shape {
    Shape(tables.indices.map { changed[..<passes].contains($0) ? tables[$0].samples.count : input[$0] })
  }

  /// Adds the loops that copy elements.
  func emitSelection(_ site: Site, into c: inout CWriter) {
    // Neighbouring axes that do not change are one loop.
    var loops: [(extent: Int, stride: Int, table: String?)] = []
    let strides = Shape(input).strides
    for (axis, table) in tables.enumerated() {
      if changed.contains(axis) {
        c.table("nnc_index", "source\(axis)", table.samples.map { "\($0.first)" }, width: 4)
        loops.append((table.samples.count, strides[axis], "source\(axis)"))
      } else if let last = loops.last, last.table == nil {
        loops[loops.count - 1] = (last.extent * input[axis], strides[axis], nil)
      } else {
        loops.append((input[axis], strides[axis], nil))
      }
    }
    let results = Shape(loops.map(\.extent)).strides
    func loop(_ depth: Int, _ c: inout CWriter) {
      guard depth < loops.count else {
        let terms = loops.enumerated().map { index, loop in
          (loop.table.map { "\($0)[i\(index)]" } ?? "i\(index)") + (loop.stride == 1 ? "" : " * \(loop.stride)")
        }
        let target = results.enumerated().map { $1 == 1 ? "i\($0)" : "i\($0) * \($1)" }
        let (from, to) = (sum(terms), sum(target))
        return c.line("\(site.result.name)[\(to)] = \(site.operand(0).name)[\(from)];")
      }
      let type = c.kernel("nnc_index")
      c.block("for (\(type) i\(depth) = 0; i\(depth) < \(loops[depth].extent); ++i\(depth))") { loop(depth + 1, &$0) }
    }
    loop(0, &c)
  }

  /// Adds a pass for each axis that changes.
  func emitPasses(_ site: Site, outside: Double, into c: inout CWriter) throws {
    let (converts, type) = (work != element, work.cType)
    let sizes = bufferByteCounts
    for index in sizes.indices {
      let offset = index == 0 ? "scratch" : "((unsigned char *)scratch + \(sizes[0]))"
      c.line("\(type) *const t\(index) = (\(type) *)(void *)\(offset);")
    }
    var source = site.operand(0).name
    if converts {
      let count = site.type(0).elementCount
      c.block("for (nnc_index i = 0; i < \(count); ++i)") { $0.line("t0[i] = (\(type))\(source)[i];") }
      source = "t0"
    }
    for (pass, axis) in changed.enumerated() {
      let isLast = pass == changed.count - 1 && !converts
      let target = isLast ? site.result.name : source == "t0" ? "t1" : "t0"
      emitPass(pass, axis, source, target, outside, into: &c)
      source = target
    }
    guard converts else { return }
    let kernel = c.kernel("nnc_resize_saturated_\(element)")
    let range = element.integerRange
    let ends = [range.lowerBound, range.upperBound]
    let limits = ends.map { cLiteral(Double($0), .f64) }
    let values = ends.map { Tensor(TensorType(element, []), integers: [$0]).cLiterals[0] }
    c.block("for (nnc_index i = 0; i < \(site.resultType.elementCount); ++i)") { c in
      c.line("\(site.result.name)[i] = \(kernel)(\(source)[i], \((limits + values).joined(separator: ", ")));")
    }
  }

  private func emitPass(
    _ pass: Int, _ axis: Int, _ source: String, _ target: String, _ outside: Double, into c: inout CWriter
  ) {
    let (before, samples) = (shape(after: pass), tables[axis].samples)
    var starts = [0]
    for sample in samples { starts.append(starts.last! + sample.weights.count) }
    let weights = samples.flatMap(\.weights).map { cLiteral($0, work) }
    c.table(c.kernel("nnc_index"), "first\(axis)", samples.map { "\($0.first)" }, width: 4)
    c.table(c.kernel("nnc_index"), "starts\(axis)", starts.map(String.init), width: 4)
    c.table(work.cType, "weights\(axis)", weights.isEmpty ? [cLiteral(0, work)] : weights, width: work.bitWidth / 8)
    let sizes = [
      before.elementCount(of: 0..<axis), before[axis], samples.count, before.elementCount(of: axis + 1..<before.rank),
    ]
    c.call(
      "nnc_resize_axis_\(work)",
      [source, target] + sizes.map(String.init) + ["first\(axis)", "starts\(axis)", "weights\(axis)"]
        + [cLiteral(outside, work)])
  }
}

/// The sum of terms as a C expression.
private func sum(_ terms: [String]) -> String { terms.isEmpty ? "0" : terms.joined(separator: " + ") }
