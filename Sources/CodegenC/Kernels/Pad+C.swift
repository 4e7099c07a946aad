import IR

extension Pad: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let pads = try pads(site.operands)
    if site.resultType.elementCount == 0 { return c.line("(void)\(site.result.name);") }
    if mode == .constant { emitConstant(site, pads, into: &c) } else { emitRepeating(site, pads, into: &c) }
  }

  /// Adds a loop that fills the result, and loops that copy what remains of the operand.
  fileprivate func emitConstant(_ site: Site, _ pads: [AxisPad], into c: inout CWriter) {
    let (x, y) = (site.type(0).shape, site.result)
    let extents = pads.map { max(0, $0.extent + min(0, $0.before) + min(0, $0.after)) }
    if y.type.shape != Shape(extents) {
      let value = site.has(2) ? site.constant(2)?.cLiterals[0] ?? "\(site.operand(2).name)[0]" : y.type.element.zero
      c.call("nnc_fill_\(site.suffix)", [y.name, value, "\(y.type.elementCount)"])
    }
    guard Shape(extents).elementCount > 0 else { return }
    func start(_ places: [Int], _ shape: Shape) -> Int { zip(places, shape.strides).reduce(0) { $0 + $1.0 * $1.1 } }
    let starts = [start(pads.map { max(0, $0.before) }, y.type.shape), start(pads.map { max(0, -$0.before) }, x)]
    let source = site.operand(0)
    LoopNest(over: Shape(extents), strides: [y.type.shape.strides, x.strides], starts: starts)
      .emit(into: &c) { c, indices in c.line("\(y.name)[\(indices[0])] = \(source.name)[\(indices[1])];") }
  }

  /// One loop of a pad that repeats elements: an axis, or several neighbours that are not padded.
  private struct Loop {
    var pad: AxisPad
    var stride: (result: Int, operand: Int)
    var extent: Int { pad.extent + pad.before + pad.after }
    var isPlain: Bool { pad.before == 0 && pad.after == 0 }
  }

  private func loops(_ site: Site, _ pads: [AxisPad]) -> [Loop] {
    let (x, y) = (site.type(0).shape.strides, site.resultType.shape.strides)
    var loops: [Loop] = []
    for axis in pads.indices {
      let loop = Loop(pad: pads[axis], stride: (y[axis], x[axis]))
      if loop.isPlain, let last = loops.last, last.isPlain {
        loops[loops.count - 1].pad.extent *= loop.pad.extent
        loops[loops.count - 1].stride = loop.stride
      } else {
        loops.append(loop)
      }
    }
    return loops
  }

  private func emitRepeating(_ site: Site, _ pads: [AxisPad], into c: inout CWriter) {
    let loops = loops(site, pads)
    let kernel = c.kernel("nnc_pad_\(mode.rawValue)")
    let (x, y) = (site.operand(0), site.result)
    func term(_ place: String, _ stride: Int) -> String { stride == 1 ? place : "\(place) * \(stride)" }
    func emit(_ depth: Int, _ target: String, _ source: String, _ c: inout CWriter) {
      guard depth < loops.count else { return c.line("\(y.name)[\(target)] = \(x.name)[\(source)];") }
      let (loop, i, type) = (loops[depth], "i\(depth)", c.kernel("nnc_index"))
      c.block("for (\(type) \(i) = 0; \(i) < \(loop.extent); ++\(i))") { c in
        var place = i
        if !loop.isPlain {
          place = "s\(depth)"
          let pad = loop.pad
          let (added, removed) = (max(0, pad.before), max(0, -pad.before))
          let count = pad.extent - removed - max(0, -pad.after)
          let first = removed == 0 ? "" : "\(removed) + "
          c.line("const \(type) \(place) = \(first)\(kernel)(\(i)\(added == 0 ? "" : " - \(added)"), \(count));")
        }
        emit(
          depth + 1, indexSum(target, term(i, loop.stride.result)), indexSum(source, term(place, loop.stride.operand)),
          &c)
      }
    }
    emit(0, "0", "0", &c)
  }
}

extension CenterCropPad: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    if site.resultType.elementCount == 0 { return c.line("(void)\(site.result.name);") }
    Pad().emitConstant(site, try pads(site.operands), into: &c)
  }
}
