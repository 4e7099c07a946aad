import Glibc

/// Bytes that never change, shared by all tensors that lie in them.
public final class TensorStorage: @unchecked Sendable {  // the bytes are not written after creation
  /// The bytes, valid for the life of this object.
  public let bytes: UnsafeRawBufferPointer
  private let release: () -> Void

  private init(_ bytes: UnsafeRawBufferPointer, release: @escaping () -> Void) {
    self.bytes = bytes
    self.release = release
  }

  deinit { release() }

  /// Creates storage of `byteCount` bytes, which `fill` must write.
  public convenience init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    do {
      try fill(memory)
    } catch {
      memory.deallocate()
      throw error
    }
    self.init(UnsafeRawBufferPointer(memory)) { memory.deallocate() }
  }

  /// The files that were mapped.
  private final class FileRecord: @unchecked Sendable {  // of one task
    var paths: [String] = []
  }

  @TaskLocal private static var record: FileRecord?

  /// Returns what `body` returns, and the paths of the files that it mapped, each once, in order.
  public static func recordingFiles<Result>(_ body: () throws -> Result) rethrows -> (Result, files: [String]) {
    let record = FileRecord()
    return (try $record.withValue(record, operation: body), record.paths)
  }

  /// Maps a file into memory, without reading it.
  ///
  /// - Throws: A diagnostic if the file cannot be opened or is no regular file.
  public static func mapping(file path: String) throws(Diagnostic) -> TensorStorage {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Diagnostic("cannot open '\(path)': \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    if let record, !record.paths.contains(path) { record.paths.append(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Diagnostic("'\(path)' is not a regular file")
    }
    let count = Int(status.st_size)
    guard count > 0 else { return TensorStorage(UnsafeRawBufferPointer(start: nil, count: 0)) {} }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw Diagnostic("cannot map '\(path)' into memory: \(String(cString: strerror(errno)))")
    }
    return TensorStorage(UnsafeRawBufferPointer(start: address, count: count)) { munmap(address, count) }
  }
}
