import IR
import Targets

/// Samples of the data on which a model works, for passes that measure what they do.
public struct Calibration: Sendable {
  /// The inputs of each run of the model, by name.
  public var samples: [[String: Tensor]]
  /// The class that is right for each row of the first output, sample by sample; nil where it is not known.
  public var labels: [Int]?

  /// Creates calibration data.
  public init(samples: [[String: Tensor]], labels: [Int]? = nil) { (self.samples, self.labels) = (samples, labels) }
}

/// What a pass may use besides the graph.
public struct PassContext: Sendable {
  /// Returns the outputs for some inputs.
  public typealias Run = ([String: Tensor]) throws -> [Tensor]

  /// What the C is for.
  public var target: Target
  /// Samples of the data, where the user has given some.
  public var calibration: Calibration?
  /// Prepares a graph to be run on many samples.
  public var prepare: @Sendable (Graph) throws -> Run
  /// Shows what is being done, in a few words.
  public var progress: @Sendable (String) -> Void

  /// Creates a context.
  ///
  /// - Parameter prepare: Prepares a graph to be run on many samples; by default the interpreter runs it.
  public init(
    target: Target = .generic, calibration: Calibration? = nil,
    prepare: @escaping @Sendable (Graph) throws -> Run = { graph in { try graph.evaluate($0) } },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    (self.target, self.calibration, self.prepare, self.progress) = (target, calibration, prepare, progress)
  }
}

/// What a pass throws where it needs something that the user can give, or was asked for what cannot be done. Other errors
/// of passes are faults of nnc.
public struct PassRefusal: Error {
  /// What to tell the user.
  public let reason: Diagnostic

  /// Creates a refusal.
  public init(_ message: String) { reason = Diagnostic(message) }

  /// The refusal of what needs calibration data where there are none, or of what needs labels.
  static func needsCalibration(_ what: String, withLabels: Bool = false) -> PassRefusal {
    PassRefusal(
      "\(what) needs \(withLabels ? "labelled " : "")calibration data; pass --calibration FILE.npz, with an array for each "
        + "input whose first axis counts samples"
        + (withLabels ? ", and an array 'labels' with the number of the class of each" : ""))
  }
}
