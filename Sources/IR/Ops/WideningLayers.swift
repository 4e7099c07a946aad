/// The convolution that `Conv2D` is, with weights that are stored as integers. nnc's own operation, to which `Conv` is lowered.
/// The result is [N, OH, OW, Co], rounded once.
///
/// W has the elements i8 or i4 in the order of `Conv2D.pack(_:group:panel:)`. S [G, Co] are their scales: the products of a sum,
/// in the order [kh][kw][Ci / group], are divided into G parts of as many neighbours, each with a scale for each channel.
public struct WideningConv2D: WideningLayer {
  public static let name = "WideningConv2D"

  public var wide = Conv2D()
  public var span = 1

  public init() {}
}

/// activation(X * W + B + Z) as `Dense` has it, with weights that are stored as integers. nnc's own operation, to which `Gemm` and
/// `MatMul` are lowered. The result is […, N], rounded once.
///
/// W has the elements i8 or i4 in the order of `Dense.pack(_:panel:)`. S [G, N] are their scales: the K rows of the matrix are
/// divided into G parts of as many neighbours, each with a scale for each column.
public struct WideningDense: WideningLayer {
  public static let name = "WideningDense"

  public var wide = Dense()
  public var span = 1

  public init() {}
}

/// A layer whose weights are stored as integers W times scales S, and are floats only while it computes.
///
/// Its attributes are those of the layer that computes the same with floats, and `span`.
public protocol WideningLayer: Operation {
  associatedtype Wide: PanelledLayer
  /// The layer that computes the same with weights that are floats.
  var wide: Wide { get set }
  /// The weights of how many channels are floats at a time.
  var span: Int { get set }
  init()
}

/// The attribute that a layer has besides those of the layer with floats.
private enum WideningKey: CodingKey { case span }

extension WideningLayer {
  public static var operands: Signature { ["X", "W", "S", "B?", "Z?"] }

  /// Creates the layer that computes what `wide` does.
  public init(_ wide: Wide, span: Int) {
    self.init()
    (self.wide, self.span) = (wide, span)
  }

  public init(from decoder: any Decoder) throws {
    let own = try decoder.container(keyedBy: WideningKey.self)
    self.init(try Wide(from: decoder), span: try own.decode(Int.self, forKey: .span))
  }

  public func encode(to encoder: any Encoder) throws {
    try wide.encode(to: encoder)
    var own = encoder.container(keyedBy: WideningKey.self)
    try own.encode(span, forKey: .span)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (weights, scales, x) = (operands.required(1), operands.required(2), operands.first.shape)
    try require(
      weights.element == .i8 || weights.element == .i4,
      "W has elements of type \(weights.element), but should have i8 or i4")
    _ = try weights.requireKnown("W")
    try require(scales.element == .f32, "S has elements of type \(scales.element), but should have f32")
    try require(span >= 1, "span is \(span), but should be at least 1")
    let floats = Operand(TensorType(.f32, weights.shape))
    let results = try wide.resultTypes(Operands([operands.first, floats, operands[3], nil, operands[4]]))
    let (channels, products) = (wide.channelCount(x), wide.productCount(x))
    try require(
      scales.shape.rank == 2 && scales.shape[1] == channels && scales.shape[0] > 0 && products % scales.shape[0] == 0,
      "S has shape [\(scales.shape)], but should have a scale for each of \(channels) channels, for all \(products) products "
        + "or for parts of as many")
    return results
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, weights) = (operands.first.shape, operands.required(1))
    let (scales, parts): ([Float], Int) = (operands.required(2).elements(), operands.required(2).shape[0])
    let (channels, partLength) = (wide.channelCount(x), wide.productCount(x) / parts)
    let floats = zip(weights.integers, zip(wide.weightChannels(x), wide.productPlaces(x))).map { integer, place in
      Double(Float(integer) * scales[place.1 / partLength * channels + place.0])
    }
    let tensor = Tensor(TensorType(.f32, weights.shape), reals: floats)
    return try wide.evaluate(Operands([operands.first, tensor, operands[3], nil, operands[4]]), results)
  }
}
