/// What the kernels of binary layers cost on a processor, in instructions: measured, so that the cheaper one can be chosen.
public struct BitCosts: Hashable, Sendable {
  /// Comparing a word of 32 bits of data with one of weights, and counting.
  public var word: Double
  /// Making a bit of a count.
  public var sum: Double
  /// Copying a word of a window.
  public var copy: Double
  /// Adding a plane of as many pixels as the processor takes at once.
  public var plane: Double
  /// Beginning and ending to add the planes of a list.
  public var planeList: Double
  /// Making bits of the counters of so many pixels.
  public var planeSum: Double
  /// Moving a plane of so many pixels to where a tap of the window sees it.
  public var shift: Double
  /// Reading a word of 32 weights, of which some go to a list, for some chunks of so many pixels.
  public var row: Double
  /// Putting a weight on a list.
  public var list: Double
  /// Turning a square of 32 times 32 bits about.
  public var transpose: Double

  /// Registers of 32 bits and nothing to count bits: measured on a Cortex-M4.
  public static let words = BitCosts(
    word: 14.5, sum: 37, copy: 15, plane: 9.8, planeList: 275, planeSum: 120, shift: 22, row: 42, list: 4.8,
    transpose: 800)

  /// Vectors of 128 bits without more: measured on x86-64.
  public static let sse2 = BitCosts(
    word: 6, sum: 8, copy: 8, plane: 10.7, planeList: 450, planeSum: 300, shift: 40, row: 230, list: 6, transpose: 700)

  /// Vectors of 256 bits: measured on x86-64.
  public static let avx2 = BitCosts(
    word: 1.2, sum: 5, copy: 8, plane: 7.2, planeList: 325, planeSum: 25, shift: 25, row: 95, list: 4, transpose: 700)

  /// Vectors of 512 bits whose bits an instruction counts: measured on x86-64, but for beginnings of lists, shifts and
  /// squares, which are taken as for vectors of 256 bits.
  public static let avx512 = BitCosts(
    word: 0.3, sum: 0.4, copy: 1.5, plane: 4.5, planeList: 250, planeSum: 200, shift: 25, row: 30, list: 0.2,
    transpose: 700)

  /// Vectors of 128 bits and an instruction that counts those of bytes, AArch64: words, planes and sums from the instructions of
  /// the loops, the rest as for vectors of 256 bits.
  public static let neon = BitCosts(
    word: 1.1, sum: 5, copy: 8, plane: 7.3, planeList: 325, planeSum: 100, shift: 25, row: 95, list: 4, transpose: 700)
}
