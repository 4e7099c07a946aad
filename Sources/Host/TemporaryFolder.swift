import CodegenC
import Foundation
import IR

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

  /// Writes the files of a model into the folder.
  public func write(_ model: CModel) throws {
    for file in model.files { try write(file, as: file.name) }
  }

  /// Writes a file of a model into the folder.
  func write(_ file: CFile, as name: String) throws {
    try OutputFile.write(to: url.appendingPathComponent(name).path) { output in
      try file.write { (piece) throws(Diagnostic) in try output.append(piece) }
    }
  }
}
