/// Blocks of channels moved to blocks of the image: `[N, C * b * b, H, W]` becomes `[N, C, H * b, W * b]`.
public struct DepthToSpace: ViewOperation {
  public static let name = "DepthToSpace"
  public static let operands: Signature = ["input"]
  /// Orders of the channels.
  public enum Mode: String, CaseIterable, Codable, Sendable {
    /// Depth, column, row: the place in the block varies slowest.
    case dcr = "DCR"
    /// Column, row, depth: the place in the block varies fastest.
    case crd = "CRD"
  }
  /// The extent of a block along each axis of the image. There is no default.
  public var blocksize = 0
  /// Which channels make a block.
  public var mode = Mode.dcr
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    let block = try requireImage(type, blocksize)
    let area = try checkedProduct(block, block, of: "the area of a block")
    try require(
      type.shape[1] % area == 0, "the \(type.shape[1]) channels of \(type) are no multiple of \(block) * \(block)")
    let height = try checkedProduct(type.shape[2], block, of: "the height")
    let width = try checkedProduct(type.shape[3], block, of: "the width")
    return [TensorType(type.element, [type.shape[0], type.shape[1] / area, height, width])]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let (shape, b) = (operands.first.shape, blocksize)
    let channels = shape[1] / (b * b)
    let blocks: Shape =
      mode == .dcr ? [shape[0], b, b, channels, shape[2], shape[3]] : [shape[0], channels, b, b, shape[2], shape[3]]
    let order = mode == .dcr ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
    return [StridedView(blocks, strides: blocks.strides).transposed(order)]
  }
}

/// Blocks of the image moved to channels: `[N, C, H * b, W * b]` becomes `[N, b * b * C, H, W]`.
public struct SpaceToDepth: ViewOperation {
  public static let name = "SpaceToDepth"
  public static let operands: Signature = ["input"]
  /// The extent of a block along each axis of the image. There is no default.
  public var blocksize = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    let block = try requireImage(type, blocksize)
    try require(
      type.shape[2] % block == 0 && type.shape[3] % block == 0,
      "the image of \(type.shape[2])x\(type.shape[3]) does not consist of blocks of \(block)x\(block)")
    let area = try checkedProduct(block, block, of: "the area of a block")
    let channels = try checkedProduct(type.shape[1], area, of: "the number of channels")
    return [TensorType(type.element, [type.shape[0], channels, type.shape[2] / block, type.shape[3] / block])]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let (shape, b) = (operands.first.shape, blocksize)
    let blocks: Shape = [shape[0], shape[1], shape[2] / b, b, shape[3] / b, b]
    return [StridedView(blocks, strides: blocks.strides).transposed([0, 3, 5, 1, 2, 4])]
  }
}

/// Throws unless `type` is of images with channels, `[N, C, H, W]`, and the extent of blocks is positive; returns that.
private func requireImage(_ type: TensorType, _ blocksize: Int) throws(Diagnostic) -> Int {
  try require(type.shape.rank == 4, "takes an operand of rank 4, [N, C, H, W], not \(type)")
  try require(blocksize > 0, "attribute 'blocksize' should be positive, not \(blocksize)")
  return blocksize
}
