import IR

extension GridSample: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    if mode == .nearest { return emitNearest(site, into: &c) }
    try requireOneElement(site)
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    let extents = try padded(x[2...], with: 1)
    let fields =
      [("batch", x[0]), ("channels", x[1])] + Array(zip(inputExtents, extents))
      + [("points", y.elementCount(of: 2..<y.rank)), ("axes", x.rank - 2)]
    let arrays = [site.operand(0).name, site.operand(1).name, site.result.name]
    let tapping = c.kernel("nnc_taps_\(mode.rawValue)_\(site.suffix)")
    let arguments = arrays + coordinateArguments(site.type(0).element, &c) + [tapping]
    c.call("nnc_grid_sample_\(site.suffix)", arguments, shape: "nnc_grid_shape", fields)
  }

  /// The functions of a kernel that make coordinates in elements of those in a grid, hold them near an axis, and say where
  /// elements outside it come from.
  private func coordinateArguments(_ element: ElementType, _ c: inout CWriter) -> [String] {
    let (hold, outside) =
      switch padding {
      case .zeros: ("zeros", "nnc_outside_zeros")
      case .border: ("border", "nnc_pad_edge")
      case .edges: ("edges", "nnc_pad_edge")
      case .reflection: ("reflect", "nnc_pad_reflect")
      case .mirror: ("mirror", "nnc_pad_mirror")
      }
    return [
      c.kernel("nnc_grid_\(alignCorners ? "centers" : "edges")_\(element)"), c.kernel("nnc_hold_\(hold)_\(element)"),
      c.kernel(outside),
    ]
  }

  /// Adds loops that copy the nearest elements, which may be of any type.
  private func emitNearest(_ site: Site, into c: inout CWriter) {
    let (x, grid, y) = (site.operand(0), site.operand(1), site.result)
    if y.type.elementCount == 0 { return site.emitNothing(into: &c) }
    let extents = Shape(x.type.shape[2...])
    let (volume, channels) = (extents.elementCount, y.type.shape[1])
    let points = y.type.shape.elementCount(of: 2..<y.type.shape.rank)
    let kernel = c.kernel("nnc_grid_nearest_\(grid.type.element)")
    let functions = coordinateArguments(grid.type.element, &c).joined(separator: ", ")
    LoopNest(
      over: [y.type.shape[0], points],
      strides: [[points * extents.rank, extents.rank], [channels * volume, 0], [channels * points, 1]]
    ).emit(into: &c) { c, indices in
      for (axis, extent) in extents.enumerated() {
        let coordinate = "\(grid.name)[\(indexSum(indices[0], "\(extents.rank - 1 - axis)"))]"
        c.line("const \(c.kernel("nnc_index")) p\(axis) = \(kernel)(\(coordinate), \(extent), \(functions));")
      }
      let places = zip(extents.indices, extents.strides).map { $1 == 1 ? "p\($0)" : "p\($0) * \($1)" }
      let isOutside = extents.indices.map { "p\($0) < 0" }.joined(separator: " || ")
      LoopNest(over: [channels], strides: [[volume], [points]], prefix: "c").emit(into: &c) { c, channel in
        let start = indexSum(indices[1], channel[0])
        let element = "\(x.name)[\(([start] + places).filter { $0 != "0" }.joined(separator: " + "))]"
        let value = paddingMode == .zeros ? "\(isOutside) ? \(y.type.element.zero) : \(element)" : element
        c.line("\(y.name)[\(indexSum(indices[2], channel[1]))] = \(value);")
      }
    }
  }
}
