import Foundation

/// The computer that nnc runs on.
public enum Machine {
  /// What it or its processor is called; "unknown" where nothing says so.
  public static let name: String = {
    let lines = (contents("/proc/cpuinfo") ?? "").split(separator: "\n")
    let processor = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last.map(trimmed)
    // Boards with Arm processors.
    let board = contents("/proc/device-tree/model").map { trimmed($0.prefix { $0 != "\0" }) }
    return [processor, board].compactMap { $0 }.first { !$0.isEmpty } ?? "unknown"
  }()

  private static func contents(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private static func trimmed(_ text: Substring) -> String { text.trimmingCharacters(in: .whitespaces) }
}
