import Glibc
import IR
import Passes

/// A fault of nnc itself: what happened, and how to make it happen again.
package struct InternalFault: Error {
  package static let exitCode: Int32 = 70
  package let message: String
}

/// Runs passes; where one fails, writes the graph before it to a file that makes it fail again.
package struct PassRunner {
  /// Where the IR after each pass goes, if anywhere.
  var dump: PassDump?
  /// What passes may use besides the graph.
  var context = PassContext()
  /// The folder of reproducers.
  package var folder = "."
  /// What passes have said of their work.
  let log = Log()

  /// What a pass says of its work.
  struct Notes: Encodable {
    let pass: String
    let lines: [String]
  }

  /// The notes of all passes so far.
  final class Log {
    fileprivate(set) var notes: [Notes] = []
  }

  init(dump: PassDump? = nil, context: PassContext = PassContext()) { (self.dump, self.context) = (dump, context) }

  /// Creates a runner that writes reproducers into a folder.
  package init(folder: String) { self.folder = folder }

  /// Returns the graph after all passes.
  ///
  /// - Throws: A diagnostic if the graph was at fault, else an `InternalFault`.
  package func run(_ pipeline: Pipeline, on graph: Graph) throws -> Graph {
    try dump?.begin(graph)
    defer { CrashReporter.end() }
    do {
      return try pipeline.run(
        graph, context: context,
        willRun: { pass, graph in
          Terminal.progress(pass.name)
          CrashReporter.begin { report(pass, graph, "the program trapped") }
        },
        didRun: { step in
          note(step)
          try dump?.add(step)
        })
    } catch let failure as Pipeline.Failure {
      CrashReporter.end()
      if let diagnostic = failure.faultOfTheModel { throw diagnostic }
      throw InternalFault(message: report(failure.pass, failure.before, "\(failure.error)"))
    }
  }

  /// Keeps what a pass says, and tells the user what an approximation costs.
  private func note(_ step: Pipeline.Step) {
    guard !step.notes.isEmpty else { return }
    log.notes.append(Notes(pass: step.pass.name, lines: step.notes))
    guard step.pass.preserves == .approximately else { return }
    for line in step.notes { Terminal.report("\(step.pass.name): \(line)") }
  }

  /// Writes the reproducer, and returns what to tell the user.
  private func report(_ pass: Pass, _ graph: Graph, _ reason: String) -> String {
    let path = (folder == "." ? "" : folder + "/") + "nnc-reproducer-\(pass.name).nnc"
    let head = "internal error: the pass \(pass.name) failed: \(reason)\n"
    do {
      try OutputFile.write(to: path) { try $0.append(Array(graph.text(constants: .exact).utf8)) }
    } catch {
      return head + "the graph before the pass could not be written: \(error)"
    }
    let passes = pass.invocation == pass.name ? pass.name : "'\(pass.invocation)'"
    return head
      + "the graph before the pass is in \(path); this repeats the error:\n  nnc opt \(path) --passes \(passes)"
  }
}

/// Lets a trap of the program, such as a failed precondition, end with a report instead of a bare signal.
enum CrashReporter {
  private nonisolated(unsafe) static var report: (() -> String)?
  private nonisolated(unsafe) static var isInstalled = false

  /// Makes `report` what a trap calls from now on.
  static func begin(_ report: @escaping () -> String) {
    self.report = report
    if !isInstalled { install() }
  }

  /// Leaves traps alone from now on.
  static func end() { report = nil }

  private static func install() {
    isInstalled = true
    // A stack that has overflowed cannot be used to report that.
    let size = 1 << 20
    var stack = stack_t(
      ss_sp: UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16), ss_flags: 0, ss_size: size)
    sigaltstack(&stack, nil)
    for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
      var action = sigaction()
      // Once only: a trap in the report itself ends the program.
      action.sa_flags = SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
      action.__sigaction_handler.sa_handler = { signal in
        guard let report = CrashReporter.report else {
          raise(signal)
          return
        }
        CrashReporter.report = nil
        // The heap may be damaged, and a lock may be held for ever.
        alarm(20)
        Terminal.report("nnc: " + report())
        _exit(InternalFault.exitCode)
      }
      sigaction(signal, &action, nil)
    }
  }
}
