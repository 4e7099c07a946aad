/// What the kernels of layers on floats cost on a processor with all weights, and without those that are zero: measured, so that
/// the cheaper one can be chosen. In instructions, or where these say little about time, in cycles.
public struct SparseCosts: Hashable, Sendable {
  /// What is counted.
  public var unit: String
  /// Multiplying and adding one weight for one pixel, dense.
  public var product: Double
  /// Beginning and ending one sum, dense.
  public var sum: Double
  /// The product of a matrix with a single row, dense: for each weight.
  public var rowProduct: Double
  /// The same without zeros: for each value.
  public var rowValue: Double
  /// Multiplying one value with eight neighbouring pixels.
  public var value: Double
  /// Beginning to compute eight neighbouring pixels of one channel.
  public var eight: Double
  /// Reading the place of one value, which serves all pixels of a band.
  public var list: Double
  /// Beginning one channel of a band.
  public var channel: Double
  /// Storing one result.
  public var store: Double
  /// Copying an element of the data to where neighbouring pixels find it.
  public var copy: Double

  /// Scalar instructions for floats: measured on a Cortex-M4.
  public static let scalar = SparseCosts(
    unit: "instructions", product: 2.3, sum: 10, rowProduct: 2.3, rowValue: 10, value: 33, eight: 30, list: 12,
    channel: 60,
    store: 8, copy: 8)

  /// Vectors of 128 bits without more: measured on x86-64.
  public static let sse2 = SparseCosts(
    unit: "cycles", product: 0.29, sum: 1, rowProduct: 0.5, rowValue: 5, value: 2.1, eight: 6, list: 2.5, channel: 40,
    store: 3.2, copy: 3)

  /// Vectors of 256 bits with an instruction that multiplies and adds: measured on x86-64.
  public static let avx2 = SparseCosts(
    unit: "cycles", product: 0.13, sum: 1, rowProduct: 0.25, rowValue: 5, value: 1.95, eight: 6, list: 2.5, channel: 40,
    store: 3, copy: 2.5)

  /// The same of 512 bits: measured on x86-64.
  public static let avx512 = SparseCosts(
    unit: "cycles", product: 0.032, sum: 0.15, rowProduct: 0.13, rowValue: 5, value: 0.44, eight: 3, list: 5,
    channel: 40, store: 3.4, copy: 0.7)

  /// Vectors of 128 bits with such an instruction, AArch64: as for x86-64, by the instructions of the loops.
  public static let neon = SparseCosts(
    unit: "cycles", product: 0.15, sum: 1, rowProduct: 0.25, rowValue: 5, value: 1.95, eight: 6, list: 2.5, channel: 40,
    store: 3, copy: 2.5)
}
