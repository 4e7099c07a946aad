import IR

/// Which sections of an object file a linker keeps for some functions, and how deep calls go from them.
///
/// With `-ffunction-sections -fdata-sections` each function and each array has a section of its own, so that every call
/// and every use of an array is listed as a reference between sections.
struct CallGraph {
  /// Sections in the order of the file, as far as they are needed.
  let sections: [ObjectListing.Section]
  /// The functions that other files must define, in order.
  let undefined: [String]
  /// The sections to which each section refers.
  private(set) var uses: [String: [String]] = [:]
  /// The functions, other files' too, that each section calls or whose address it takes.
  private var callees: [String: [String]] = [:]
  /// The names of the function in each section of code; a function may have several.
  private var functions: [String: [String]] = [:]
  /// The functions that may be called through pointers.
  private(set) var calledThroughPointers: [String] = []

  /// Collects what is needed for `root`, and for those of `others` that there are.
  ///
  /// - Throws: A diagnostic if the file has no function `root`.
  init(_ listing: ObjectListing, root: String, others: [String] = []) throws {
    let resolver = Resolver(listing)
    guard let start = resolver.symbol(root)?.section else {
      throw Diagnostic("the compiled model has no function \(root); --cflags should not keep code from the object file")
    }
    for symbol in listing.symbols where symbol.isFunction {
      if let section = symbol.section { functions[section, default: []].append(symbol.name) }
    }
    var undefined: Set<String> = []
    var needed: Set<String> = []
    var pending = [start] + others.compactMap { resolver.symbol($0)?.section }
    let references = Dictionary(grouping: listing.references, by: \.section)
    var throughPointers: Set<String> = []
    while let section = pending.popLast() {
      guard needed.insert(section).inserted else { continue }
      for reference in references[section] ?? [] {
        guard let target = resolver.target(of: reference) else { continue }
        guard let other = target.section else {
          undefined.insert(target.name)
          callees[section, default: []].append(target.name)
          continue
        }
        pending.append(other)
        if other != section { uses[section, default: []].append(other) }
        guard target.isStart, functions[other] != nil, other != section else { continue }
        callees[section, default: []].append(other)
        if !reference.isJump { throughPointers.insert(other) }
      }
    }
    sections = listing.sections.filter { needed.contains($0.name) }
    self.undefined = undefined.sorted()
    calledThroughPointers = sections.map(\.name).filter(throughPointers.contains)
  }

  /// The functions that are needed: the section of each, and its names.
  var code: [(section: ObjectListing.Section, names: [String])] {
    sections.compactMap { section in functions[section.name].map { (section, $0) } }
  }

  /// A chain of calls, and the stack that it takes.
  struct Chain: Equatable {
    var names: [String]
    var bytes: Int
  }

  /// The deepest chain of calls from each function.
  ///
  /// - Parameter frame: The stack of a function of this file, by its names.
  /// - Parameter external: The stack of a function of another file.
  /// - Throws: A diagnostic if a function calls itself, so that there is no bound.
  func deepestChains(
    frame: ([String]) throws -> Int, external: (String) -> Int
  ) throws -> [String: Chain] {
    var chains: [String: Chain] = [:]
    var open: Set<String> = []
    func chain(_ section: String) throws -> Chain {
      guard let names = functions[section] else { return Chain(names: [section], bytes: external(section)) }
      if let known = chains[section] { return known }
      guard open.insert(section).inserted else {
        throw Diagnostic("the stack has no bound: \(names[0]) calls itself")
      }
      var deepest = Chain(names: [], bytes: 0)
      for callee in callees[section] ?? [] {
        let below = try chain(callee)
        if below.bytes > deepest.bytes { deepest = below }
      }
      let result = Chain(names: [names[0]] + deepest.names, bytes: try frame(names) + deepest.bytes)
      chains[section] = result
      return result
    }
    for section in sections where functions[section.name] != nil { _ = try chain(section.name) }
    return chains
  }
}

/// Finds what references mean.
private struct Resolver {
  private let symbols: [String: ObjectListing.Symbol]
  private let sections: Set<String>

  init(_ listing: ObjectListing) {
    // A name that occurs twice is a label inside functions, whose sections refer to themselves.
    symbols = Dictionary(grouping: listing.symbols, by: \.name).compactMapValues { $0.count == 1 ? $0[0] : nil }
    sections = Set(listing.sections.map(\.name))
  }

  func symbol(_ name: String) -> ObjectListing.Symbol? { symbols[name] }

  /// The section in which a target lies, nil if in another file; and whether it is the first byte there.
  ///
  /// Where the number of bytes after a section is not listed, the target is a label inside a function: functions are
  /// referred to by their symbols there, which tell Arm code from Thumb.
  func target(of reference: ObjectListing.Reference) -> (name: String, section: String?, isStart: Bool)? {
    if sections.contains(reference.target) { return (reference.target, reference.target, reference.addend == 0) }
    guard let symbol = symbols[reference.target] else { return nil }
    return (symbol.name, symbol.section, symbol.offset + (reference.addend ?? 0) == 0)
  }
}
