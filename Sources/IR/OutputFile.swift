import Glibc

/// A file that is being written.
///
/// The file appears under its path only when it is complete, so that a failure leaves an older one as it was, and so
/// that a file can replace one from which tensors are still mapped.
public struct OutputFile {
  private let descriptor: Int32
  private let path: String

  /// Writes the file at `path` with what `body` writes.
  ///
  /// - Throws: A diagnostic if the file cannot be written, or what `body` throws; then there is no new file.
  public static func write(to path: String, _ body: (OutputFile) throws -> Void) throws {
    var status = stat()
    // A pipe or a device cannot be replaced; it is written as it is.
    let isDevice = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let target = isDevice ? path : "\(path).\(getpid()).partial"
    let descriptor = open(target, O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else { throw failure("write", path) }
    let file = OutputFile(descriptor: descriptor, path: path)
    do {
      do {
        try body(file)
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0, isDevice || rename(target, path) == 0 else { throw failure("write", path) }
    } catch {
      if !isDevice { unlink(target) }
      throw error
    }
  }

  /// Appends bytes.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write", path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(append) }

  private static func failure(_ verb: String, _ path: String) -> Diagnostic {
    Diagnostic("cannot \(verb) '\(path)': \(String(cString: strerror(errno)))")
  }
}
