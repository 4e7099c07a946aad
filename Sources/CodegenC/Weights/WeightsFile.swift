import CZlib
import IR
import Targets

/// The file with the weights of a model.
///
/// It begins with four little-endian words: "NNCW", the version of this form, the bytes of the file, and the CRC-32 of all
/// that follows these words. Then come the constants as they lie in memory, each at a multiple of the alignment, in the
/// order of their first use; the C says what lies where.
public struct WeightsFile: FileContent {
  /// The name.
  public let name: String
  /// Of how many bytes its address in memory is to be a multiple.
  public let alignment: Int
  /// The size.
  public let byteCount: Int
  /// The CRC-32, as zlib has it, of what follows the four words.
  public let checksum: UInt32
  private let pieces: [(place: Int, constant: WrittenConstant)]

  /// The bytes of the four words.
  public static let headerByteCount = 16

  /// Creates the file with those constants of a pool that lie in one; nil where the form of the weights has none.
  ///
  /// - Throws: A diagnostic if it is too large for its header, or for the target.
  init?(_ pool: ConstantPool, stem: String, for target: Target) throws(Diagnostic) {
    guard pool.form.hasFile else { return nil }
    let limit = min(Int(UInt32.max), target.largestIndex)
    try require(
      pool.fileByteCount <= limit,
      "the file with the weights would have \(pool.fileByteCount) bytes; at most \(limit) are possible on \(target.name)"
    )
    name = "\(stem).weights.bin"
    (alignment, byteCount) = (pool.alignment, pool.fileByteCount)
    pieces = pool.entries.compactMap { entry in entry.place.map { ($0, entry.written) } }
    var checksum: UInt = 0
    ByteWriter.write(
      to: { checksum = crc32_z(checksum, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) },
      { [pieces, alignment] in Self.write(pieces, alignment, into: $0) })
    self.checksum = UInt32(checksum)
  }

  func write(into writer: ByteWriter) {
    writer.append("NNCW")
    for word in [1, UInt32(byteCount), checksum] { withUnsafeBytes(of: word.littleEndian) { writer.append($0) } }
    Self.write(pieces, alignment, into: writer)
  }

  /// Writes what follows the four words.
  private static func write(
    _ pieces: [(place: Int, constant: WrittenConstant)], _ alignment: Int, into writer: ByteWriter
  ) {
    var end = headerByteCount
    for (place, constant) in pieces {
      writer.appendZeros(place - end)
      constant.withUnsafeBytes { writer.append($0) }
      end = place + constant.byteCount
    }
    writer.appendZeros(max(0, headerByteCount.rounded(upTo: alignment) - end))
  }
}
