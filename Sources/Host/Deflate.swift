import CZlib
import IR

/// Compression by zlib, without a header, as ZIP archives hold it.
enum Deflate {
  /// The most bytes that a compressed byte can stand for (RFC 1951: 258 bytes for two codes of one bit).
  static let maximumRatio = 1032

  /// Fills `target` with the first bytes of what `source` is the compressed form of.
  ///
  /// - Parameter isWhole: Whether the data should end where `target` does.
  /// - Throws: A diagnostic if the data are malformed, or longer or shorter than that.
  static func inflate(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, isWhole: Bool, place: String
  ) throws(Diagnostic) {
    var stream = z_stream()
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      fatalError("internal error: zlib cannot start")
    }
    defer { inflateEnd(&stream) }
    // zlib counts in 32 bits, and needs somewhere to write to find the end of the data.
    var (read, written) = (0, 0)
    var spare: UInt8 = 0
    while true {
      let (input, output) = (min(source.count - read, 1 << 30), min(target.count - written, 1 << 30))
      stream.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress?.advanced(by: read).assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(input)
      stream.avail_out = UInt32(max(output, 1))
      let status = withUnsafeMutablePointer(to: &spare) { spare in
        stream.next_out =
          output > 0 ? target.baseAddress!.advanced(by: written).assumingMemoryBound(to: UInt8.self) : spare
        return CZlib.inflate(&stream, Z_NO_FLUSH)
      }
      let (consumed, produced) = (input - Int(stream.avail_in), max(output, 1) - Int(stream.avail_out))
      read += consumed
      guard output > 0 || produced == 0 else {
        throw Diagnostic("\(place): the compressed data are longer than the \(target.count) bytes they should be")
      }
      written += produced
      if status == Z_STREAM_END {
        guard written == target.count, !isWhole || read == source.count else {
          throw Diagnostic("\(place): the compressed data are \(written) bytes, not \(target.count)")
        }
        return
      }
      if !isWhole, written == target.count { return }
      guard status == Z_OK, consumed > 0 || produced > 0 else {
        throw Diagnostic("\(place): the compressed data are malformed or cut off")
      }
    }
  }

  /// The compressed form of all `parts` together.
  static func deflate(_ parts: [UnsafeRawBufferPointer]) -> [UInt8] {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { fatalError("internal error: zlib cannot start") }
    defer { deflateEnd(&stream) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    func run(_ input: UnsafeRawBufferPointer, _ flush: Int32) {
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(input.count)
      repeat {
        let size = buffer.count
        buffer.withUnsafeMutableBufferPointer { bytes in
          stream.next_out = bytes.baseAddress
          stream.avail_out = UInt32(size)
          _ = CZlib.deflate(&stream, flush)
        }
        result.append(contentsOf: buffer[..<(size - Int(stream.avail_out))])
      } while stream.avail_out == 0
    }
    for part in parts {
      for start in stride(from: 0, to: part.count, by: 1 << 30) {
        run(UnsafeRawBufferPointer(rebasing: part[start..<min(start + 1 << 30, part.count)]), Z_NO_FLUSH)
      }
    }
    run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH)
    return result
  }

  /// The CRC-32 of all `parts` together.
  static func crc(_ parts: [UnsafeRawBufferPointer]) -> UInt32 {
    UInt32(
      truncatingIfNeeded: parts.reduce(crc32_z(0, nil, 0)) {
        crc32_z($0, $1.baseAddress?.assumingMemoryBound(to: UInt8.self), $1.isEmpty ? 0 : $1.count)
      })
  }
}
