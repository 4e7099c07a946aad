/// A layer that adds up products of data X with packed weights W, plus a bias B, and has a channel of its result for each
/// sum. nnc's own.
///
/// With an operand E the weights are in fixed point: integers i32 times 2 to the power of the exponent in E of their
/// channel. `FixedPoint` tells how such a layer computes.
public protocol WeightedLayer: ActivatingOperation {
  /// How many channels the result has, for X of the given shape.
  func channelCount(_ x: Shape) -> Int
  /// How many products a sum has.
  func productCount(_ x: Shape) -> Int
  /// Of how many images, or rows, X consists, which depend on each other in nothing.
  func imageCount(_ x: Shape) -> Int
  /// The channel of each packed weight.
  func weightChannels(_ x: Shape) -> [Int]
  /// The sums, channels innermost.
  func sums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number], _ x: Shape) throws -> [Number]
}

/// A layer whose weights lie in panels, as `Panels` tells.
public protocol PanelledLayer: WeightedLayer {
  /// How many channels of a group make a panel.
  var panel: Int { get set }
  /// The order of the packed weights.
  func panelOrder(_ x: Shape) -> [Int]
  /// How many channels a group has.
  var groupChannelCount: Int { get }
}

extension PanelledLayer {
  /// The place of each packed weight among those of its channel.
  func productPlaces(_ x: Shape) -> [Int] {
    let (channels, count) = (groupChannelCount, productCount(x))
    return panelOrder(x).map { $0 / channels % count }
  }

  /// For each packed weight, its place in the same weights channel by channel.
  public func placesByChannel(_ x: Shape) -> [Int] {
    let count = productCount(x)
    return zip(weightChannels(x), productPlaces(x)).map { $0 * count + $1 }
  }

  /// The first packed weights of the first channel, at most `count`.
  public func firstChannel<Number>(_ packed: [Number], _ x: Shape, most count: Int) -> [Number] {
    (0..<min(count, productCount(x))).map { packed[$0 * min(panel, groupChannelCount)] }
  }

  /// The layer with panels of another width, and its weights in the order of that.
  public func repacked(_ weights: Tensor, panel: Int, _ x: Shape) -> (layer: Self, weights: Tensor) {
    var layer = self
    layer.panel = panel
    let places = Panels.unpack(Array(0..<weights.type.elementCount), panelOrder(x))
    return (layer, weights.gathering(layer.panelOrder(x).map { places[$0] }, shape: weights.shape))
  }
}

extension WeightedLayer {
  /// The format of data and weights in fixed point for X of the given shape.
  public func fixedPoint(_ x: Shape) -> FixedPoint { FixedPoint(productCount: productCount(x)) }

  /// Throws unless the operands X, W, B, E have elements that belong together.
  func checkElements(_ operands: Operands<Operand>) throws(Diagnostic) {
    guard let exponents = operands[3] else {
      _ = try operands.commonElement()
      return
    }
    let found = [operands.first.element, operands.required(1).element, operands[2]?.element ?? .f32, exponents.element]
    try require(
      found == [.f32, .i32, .f32, .i16],
      "operands have elements of type \(found.map(\.rawValue).joined(separator: ", ")), but where there are exponents E "
        + "X, W, B and E should have f32, i32, f32, i16")
  }

  /// Throws unless weights in fixed point, if that is what W has, are ones that sums of 64 bits hold.
  func checkFixedPoint(_ operands: Operands<Operand>) throws {
    guard let exponents = operands[3] else { return }
    let (x, count) = (operands.first.shape, channelCount(operands.first.shape))
    try operands.requireShape(3, "E", is: [count], because: "there is one for each channel of the result")
    _ = try exponents.requireKnown("E")
    let weights = try operands.required(1).requireKnown("W")
    try fixedPoint(x).check(weights, channels: weightChannels(x), count: count)
    guard let bias = try operands[2]?.requireKnown("B") else { return }
    try require(bias.reals.allSatisfy(\.isFinite), "B should have neither infinities nor NaN where W is in fixed point")
  }

  /// Throws unless data Z, if any are added to the sums, have the shape of the result and weights are no integers.
  func checkAddend(_ operands: Operands<Operand>, _ result: Shape) throws {
    guard operands[4] != nil else { return }
    try operands.requireShape(4, "Z", is: result, because: "it is added to the sums")
    try require(operands[3] == nil, "Z is added to sums of floats, but W is in fixed point")
  }

  /// The sums plus the bias and what else is added, channels innermost: rounded to f32 where weights are in fixed point.
  public func biasedSums(_ operands: Operands<Tensor>) throws -> [Double] {
    let (x, bias) = (operands.first, operands[2]?.reals)
    let count = channelCount(x.shape)
    guard let exponents = operands[3]?.elements(as: Int16.self) else {
      let sums = try sums(x.reals, operands.required(1).reals, x.shape)
      let addend = operands.count > 4 ? operands[4]?.reals : nil
      return sums.enumerated().map { $1 + (bias?[$0 % count] ?? 0) + (addend?[$0] ?? 0) }
    }
    let weights: [Int32] = operands.required(1).elements()
    let images = fixedPoint(x.shape).images(x, count: imageCount(x.shape))
    let sums = try sums(images.flatMap(\.integers), weights.map { Int64($0) }, x.shape)
    return sums.enumerated().map { index, sum in
      guard let exponent = images[index / (sums.count / images.count)].exponent else { return .nan }
      let channel = index % count
      let addend = Float(bias?[channel] ?? 0)
      return Double(Float(fixedPoint: sum, exponent: exponent + Int(exponents[channel]), bias: addend))
    }
  }
}
