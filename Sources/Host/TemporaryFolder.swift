import Foundation

/// A folder that exists as long as this object.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Its path.
  public var path: String { url.path }

  /// Creates a folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("nnc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file into the folder, and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let path = url.appendingPathComponent(name).path
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }
}
