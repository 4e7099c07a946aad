/// The place in a source file that something came from.
public struct Location: Hashable, Sendable {
  /// The path of the file, as the user wrote it.
  public var file: String
  /// The place in it: `line:column`, or words such as `node 'conv1'`; empty for the file as a whole.
  public var place: String

  /// Creates a location from the words for a place in a file.
  public init(file: String, place: String = "") {
    self.file = file
    self.place = place
  }

  /// Creates a location from a line and a column, both counted from 1.
  public init(file: String, line: Int, column: Int) { self.init(file: file, place: "\(line):\(column)") }
}

extension Location: CustomStringConvertible {
  public var description: String { place.isEmpty ? file : "\(file):\(place)" }
}

/// A fault of the user's input: where it is, what was found, what was expected, and what to do.
///
/// Faults of nnc itself are not diagnostics; they stop the program.
public struct Diagnostic: Error, Hashable, Sendable {
  /// Where the fault is, if that is known.
  public var location: Location?
  /// What is wrong; several lines where several things are wrong at once.
  public var message: String

  /// Creates a diagnostic.
  public init(_ message: String, at location: Location? = nil) {
    self.message = message
    self.location = location
  }

  /// The diagnostic with `location` where it has none of its own.
  public func located(at location: Location?) -> Diagnostic { Diagnostic(message, at: self.location ?? location) }
}

extension Diagnostic: CustomStringConvertible {
  /// The diagnostic as the user sees it.
  public var description: String { (location.map { "\($0): " } ?? "") + "error: " + message }
}

/// Throws a diagnostic with `message` unless `condition` holds.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(Diagnostic) {
  if !condition { throw Diagnostic(message()) }
}
