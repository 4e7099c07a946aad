/// Images [N, C, D1, …] of columns [N, C · taps, blocks]: each column holds the elements of one block of an image, and the
/// elements that lie at one place are added up. Integers wrap.
///
/// Blocks move over the image as the windows of a convolution do.
public struct Col2Im: Operation {
  public static let name = "Col2Im"
  public static let operands: Signature = ["input", "image_shape", "block_shape"]

  /// The distances between the elements of a block; 1 where empty.
  public var dilations: [Int] = []
  /// Padding before the image along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between blocks; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// How blocks move over the image.
  public func window(_ operands: Operands<Operand>) throws -> Window {
    let (image, block) = (
      try operands.knownIntegers(1, "image_shape")!, try operands.knownIntegers(2, "block_shape")!
    )
    try require(
      !image.isEmpty && image.allSatisfy { (0...TensorType.maximumByteCount).contains($0) },
      "image_shape is \(image), but should be the extents of an image")
    try require(
      block.count == image.count, "block_shape \(block) should have one element for each axis of image_shape \(image)")
    return try Window(input: image, kernel: block, strides: strides, dilations: dilations, pads: pads)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let input = operands.first.type
    try require(ElementClass.numbers.contains(input.element), "is not defined for elements of type \(input.element)")
    let window = try window(operands)
    try require(input.shape.rank == 3, "takes columns [N, C * taps, blocks], but 'input' is \(input)")
    try require(
      input.shape[1] % window.tapCount == 0,
      "'input' is \(input), but its second axis should be a multiple of the \(window.tapCount) elements of a block")
    try require(
      input.shape[2] == window.outputCount,
      "'input' is \(input), but its last axis should have extent \(window.outputCount): so many blocks are in the image"
    )
    return [
      TensorType(input.element, Shape([input.shape[0], input.shape[1] / window.tapCount] + window.inputShape))
    ]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (input, window) = (operands.first, try window(operands.asKnown))
    func sums<Number>(_ columns: [Number], _ zero: Number, _ add: (inout Number, Number) -> Void) -> [Number] {
      var sums = [Number](repeating: zero, count: results[0].elementCount)
      guard !columns.isEmpty, !sums.isEmpty else { return sums }
      let planes = sums.count / window.inputCount
      window.forEachPosition { position, taps in
        for plane in 0..<planes {
          for (tap, place) in taps.enumerated() where place >= 0 {
            let column = (plane * taps.count + tap) * window.outputCount + position
            add(&sums[plane * window.inputCount + place], columns[column])
          }
        }
      }
      return sums
    }
    if input.element.isFloat { return [Tensor(results[0], reals: sums(input.reals, 0, +=))] }
    return [Tensor(results[0], integers: sums(input.integers, 0) { $0 &+= $1 })]
  }
}
