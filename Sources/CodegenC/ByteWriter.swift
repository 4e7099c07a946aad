/// Collects bytes and hands them on in large pieces, so that a large file never lies in memory as a whole.
final class ByteWriter {
  private var bytes: [UInt8] = []
  private let handOn: (UnsafeRawBufferPointer) -> Void
  private static let pieceByteCount = 1 << 18

  /// Calls `body` with a writer, and `handOn` with each piece of what it writes, until that throws.
  static func write<Failure: Error>(
    to handOn: (UnsafeRawBufferPointer) throws(Failure) -> Void, _ body: (ByteWriter) -> Void
  ) throws(Failure) {
    var failure: Failure?
    let keepingFailure = { (piece: UnsafeRawBufferPointer) in
      guard failure == nil else { return }
      do throws(Failure) { try handOn(piece) } catch { failure = error }
    }
    withoutActuallyEscaping(keepingFailure) { keepingFailure in
      let writer = ByteWriter(handOn: keepingFailure)
      body(writer)
      writer.flush()
    }
    if let failure { throw failure }
  }

  private init(handOn: @escaping (UnsafeRawBufferPointer) -> Void) { self.handOn = handOn }

  private func flush() {
    if bytes.isEmpty { return }
    bytes.withUnsafeBytes(handOn)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Appends text.
  func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    if bytes.count >= Self.pieceByteCount { flush() }
  }

  /// Appends bytes, which are not copied where they are many.
  func append(_ other: UnsafeRawBufferPointer) {
    guard other.count >= Self.pieceByteCount else {
      bytes.append(contentsOf: other)
      if bytes.count >= Self.pieceByteCount { flush() }
      return
    }
    flush()
    handOn(other)
  }

  /// Appends bytes that are 0.
  func appendZeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }
}
