import IR

extension RoiAlign: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    let (images, regions, indices) = (site.operand(0), site.operand(1), site.operand(2))
    let fields = [
      ("channels", x[1]), ("height", x[2]), ("width", x[3]), ("out_height", y[2]), ("out_width", y[3]),
      ("samples", samplingRatio),
    ]
    let step = c.kernel("nnc_roi_\(mode.rawValue)_\(site.suffix)")
    let half = coordinateTransformationMode == .halfPixel ? 0.5 : 0
    let numbers = [Double(spatialScale), half].map { cLiteral($0, site.resultType.element) }
    let strides = [[1], [4], [y.elementCount(of: 1..<4)]]
    LoopNest(over: [y[0]], strides: strides).emit(into: &c) { c, places in
      let image = "\(c.kernel("nnc_place_i64"))(\(indices.name)[\(places[0])], \(x[0])) * \(x.elementCount(of: 1..<4))"
      let arrays = [
        "\(images.name) + \(image)", indexSum(regions.name, places[1]), indexSum(site.result.name, places[2]),
      ]
      c.call(
        "nnc_roi_align_\(site.suffix)", arrays + [step, mode == .avg ? "1" : "0"] + numbers, shape: "nnc_roi_shape",
        fields)
    }
  }
}
