import CRuntime
import Targets

/// Where a model has the kernels from that its steps call.
public enum Runtime: String, CaseIterable, Sendable {
  /// It has copies of its own, so that its C needs nothing else.
  case embed
  /// It includes nnc_runtime.h and calls the code in nnc_runtime.c, which all models of a program share.
  case link

  /// The version of nnc, and so of its kernels.
  public static let version = "\(NNC_VERSION_MAJOR).\(NNC_VERSION_MINOR).\(NNC_VERSION_PATCH)"

  /// The C, before the steps of a model, that makes the named kernels known.
  func declarations(of kernels: Set<String>, for target: Target) -> String {
    // In which memory kernels look for weights; below, what these were laid out for.
    var options = target.hasSeparateProgramMemory ? "#define NNC_PROGRAM_MEMORY\n\n" : ""
    let addsPlanes = kernels.contains { $0.hasPrefix("nnc_plane_") }
    let text = KernelLibrary.shared.text(of: kernels)
    let hasWidePanels = target.panelWidth != Target.generic.panelWidth && text.contains("NNC_PANEL_LANES")
    switch self {
    case .embed:
      if addsPlanes { options += "#define NNC_MOST_LANE_BITS \(target.laneBits)\n\n" }
      if hasWidePanels { options += "#define NNC_PANEL_LANES \(target.panelWidth)\n\n" }
      return options + "/* Kernels. */\n\n" + text + "\n"
    case .link:
      let rewritten = KernelLibrary.shared.rewrittenText(of: kernels)
      return options + Self.inclusion + (target.hasSeparateProgramMemory ? "" : Self.refusalOfProgramMemory)
        + (addsPlanes ? Self.refusal(ofMoreLanesThan: target.laneBits) : "")
        + (hasWidePanels ? Self.refusal(ofPanelsBelow: target.panelWidth) : "")
        + (rewritten.isEmpty ? "" : Self.ownKernels + rewritten + "\n")
    }
  }

  /// Includes the runtime, of whose functions and types only this version is sure to be what the model expects.
  private static let inclusion = """
    #include "nnc_runtime.h"

    #if NNC_VERSION != \(NNC_VERSION_MAJOR * 10000 + NNC_VERSION_MINOR * 100 + NNC_VERSION_PATCH)
    #error "This model needs the runtime of nnc \(version), and nnc_runtime.h is of another version: build the model again with the nnc of that version, or include the runtime of this one."
    #endif

    """

  /// What the C of a model has that was built for another target.
  private static let refusalOfProgramMemory = """
    #ifdef __AVR__
    #error "On AVR the kernels that models share read weights from program memory: build the model with --target avr."
    #endif

    """

  /// What the C of a model has whose memory is enough for so many lanes.
  private static func refusal(ofMoreLanesThan count: Int) -> String {
    """

    #if NNC_MOST_LANE_BITS > \(count)
    #error "The runtime adds bits of more pixels at once than this model has memory for: define NNC_MOST_LANE_BITS as \(count) where both are compiled."
    #endif

    """
  }

  /// What the C of a model has whose weights lie in panels of so many columns.
  private static func refusal(ofPanelsBelow count: Int) -> String {
    """

    #if NNC_PANEL_LANES < \(count)
    #error "The weights of this model lie in wider panels than the runtime is made for: define NNC_PANEL_LANES as \(count) where both are compiled."
    #endif

    """
  }

  /// What goes before kernels that the runtime has for other types of element only.
  private static let ownKernels = """

    /* Kernels. */

    #undef NNC_INLINE
    #define NNC_INLINE static
    #undef NNC_SHARED
    #define NNC_SHARED static

    """ + "\n"
}
