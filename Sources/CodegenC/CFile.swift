/// A file of a generated model.
public struct CFile {
  /// Its name, without a folder.
  public let name: String
  let content: any FileContent

  /// Calls `body` with all bytes of the file, piece by piece, so that they need not lie in memory as a whole.
  public func write<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
    try ByteWriter.write(to: body) { content.write(into: $0) }
  }

  /// All bytes of the file as text.
  var text: String {
    var bytes: [UInt8] = []
    write { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What a file holds.
protocol FileContent: Sendable {
  /// Appends all of it.
  func write(into writer: ByteWriter)
}

extension String: FileContent {
  func write(into writer: ByteWriter) { writer.append(self) }
}
