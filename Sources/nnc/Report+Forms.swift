import Foundation
import IR

extension Report {
  /// How a report is written.
  enum Form: Equatable {
    case text, json

    /// The form that the name of a file asks for; nil where it asks for none.
    init?(path: String) {
      if path == "-" || path.hasSuffix(".txt") {
        self = .text
      } else if path.hasSuffix(".json") {
        self = .json
      } else {
        return nil
      }
    }
  }

  /// The report as a file holds it.
  func content(_ form: Form) throws -> String {
    if form == .text { return text }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
