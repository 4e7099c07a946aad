import CodegenC
import Foundation
import Host
import IR
import Importers
import Passes

/// Compiles inputs, one after the other, in a process that may crash, and tells of each on the standard output.
struct Worker {
  /// What is said of an input.
  enum Outcome: String {
    case started, compiled, refused
    /// More memory was needed than a file of its size should need.
    case memory
    /// An error that is no diagnostic.
    case fault
  }

  let kind: ModelKind
  let seeds: [Seed]

  /// The processor time that one input may take, in seconds.
  static let timeLimit = 10
  /// Memory that any model may take, in bytes. What exceeds it may be ten times the file.
  static let freeMemory = 128 << 20
  /// Address space that one process may take beyond that, in bytes: larger allocations fail.
  private static let addressSpace = 4 << 30

  /// Compiles the inputs with the given numbers.
  func run(_ indices: Range<Int>) throws {
    var limit = rlimit(rlim_cur: UInt(Self.addressSpace), rlim_max: UInt(Self.addressSpace))
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    let folder = try TemporaryFolder()
    for index in indices {
      let input = FuzzInput(kind, index, of: seeds)
      let path = try input.write(to: folder.path)
      report(index, .started)
      var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: Self.timeLimit, tv_usec: 0))
      setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
      // A process that waits takes no processor time.
      alarm(UInt32(Self.timeLimit * 20))
      try resetPeak()
      let before = try memory("VmRSS")
      var outcome = Outcome.compiled
      do { try compile(path) } catch is Diagnostic { outcome = .refused } catch {
        outcome = .fault
        FileHandle.standardError.write(Data("\(error)\n".utf8))
      }
      let used = try memory("VmHWM") - before
      report(index, used > Self.freeMemory + 10 * input.byteCount ? .memory : outcome)
    }
  }

  private func compile(_ path: String) throws {
    do { _ = try CModel(Pipeline.standard.run(loadModel(at: path))).source } catch let failure as Pipeline.Failure {
      throw failure.faultOfTheModel ?? failure.error as? InternalFault ?? InternalFault(failure)
    }
  }

  private struct InternalFault: Error, CustomStringConvertible {
    let description: String
    init(_ failure: Pipeline.Failure) { description = "the pass \(failure.pass.name) failed: \(failure.error)" }
  }

  private func report(_ index: Int, _ outcome: Outcome) { say("\(index) \(outcome.rawValue)") }

  /// Makes the peak of the memory of this process what it takes now.
  private func resetPeak() throws {
    let file = try FileHandle(forWritingTo: URL(filePath: "/proc/self/clear_refs"))
    try file.write(contentsOf: Data("5".utf8))
    try file.close()
  }

  /// A number of bytes that the system keeps for this process.
  private func memory(_ key: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
    return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
  }
}
