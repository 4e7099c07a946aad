import CHost
import Targets

extension Target {
  /// The targets whose code this machine runs, the best first.
  public static let runnable: [Target] = {
    let level = nnc_host_x86_64_level()
    var names = level >= 4 ? ["x86-64-v4"] : []
    if level >= 3 { names.append("x86-64-v3") }
    #if arch(arm64)
      names.append("aarch64")
    #elseif arch(riscv64)
      names.append("riscv64")
    #endif
    return (names + [generic.name]).map { name in all.first { $0.name == name }! }
  }()

  /// The target `host`: of those whose code this machine runs the best, compiled for all instructions that this machine has.
  public static let host: Target = {
    var target = runnable[0]
    target.machineOptions = nativeOptions
    return target
  }()

  /// What lets compilers use all instructions of this machine.
  static var nativeOptions: [String] {
    #if arch(x86_64)
      ["-march=native"]
    #elseif arch(arm64)
      ["-mcpu=native"]
    #else
      []
    #endif
  }

  /// What lets compilers make vectors as wide as the processor has them, where they prefer narrower ones.
  static var widestVectors: [String] {
    #if arch(x86_64)
      ["-mprefer-vector-width=512"]
    #else
      []
    #endif
  }

  /// Whether this machine runs code that was compiled for the target.
  public var isRunnable: Bool { self == .host || Self.runnable.contains(self) }

  /// The options with which C for the target is compiled to run here. C for other processors runs here too, as C that nothing
  /// special is known of.
  public var optionsToRun: [String] { isRunnable ? machineOptions : [] }
}
