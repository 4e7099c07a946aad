import IR
import Targets

/// The constants of a model in the order of their first use, each once, and how the C names them.
struct ConstantPool {
  /// A constant of the pool.
  struct Entry {
    /// Its name in the C, where it is an array of its own.
    let symbol: String
    let written: WrittenConstant
    /// The name of the value.
    let name: String
    /// The node of the model for which it is there first.
    let step: Int
    /// How the C has it.
    let form: WeightForm
    /// Where it lies in the file of weights; nil where it does not.
    let place: Int?
  }

  let form: WeightForm
  /// Of how many bytes the places in the file are multiples.
  let alignment: Int
  /// What points to the file in the C: an array, or the argument of functions.
  let file: String
  private(set) var entries: [Entry] = []
  /// The bytes of the file so far.
  private(set) var fileByteCount: Int
  private var indices: [WrittenConstant: Int] = [:]

  /// Creates an empty pool for a model.
  init(_ form: WeightForm, for target: Target, model: String, scope: inout CIdentifiers) {
    self.form = form
    alignment = target.arenaAlignment
    file = form == .embed ? scope.unique("\(model)_weights") : "weights"
    fileByteCount = WeightsFile.headerByteCount.rounded(upTo: alignment)
  }

  /// The entry of a constant that is in the pool.
  subscript(written: WrittenConstant) -> Entry? { indices[written].map { entries[$0] } }

  /// Adds a constant, and returns its entry.
  mutating func add(_ written: WrittenConstant, symbol: String, name: String, step: Int) -> Entry {
    let form = chosenForm(of: written)
    let place = form.hasFile ? fileByteCount.rounded(upTo: alignment) : nil
    if let place { fileByteCount = place + written.byteCount }
    indices[written] = entries.count
    entries.append(Entry(symbol: symbol, written: written, name: name, step: step, form: form, place: place))
    return entries[entries.count - 1]
  }

  /// How the C has a constant.
  private func chosenForm(of written: WrittenConstant) -> WeightForm {
    written.byteCount < WeightForm.smallestByteCount ? .array : form
  }

  /// Whether a constant lies in memory whose address the caller passes.
  func isPassed(_ written: WrittenConstant) -> Bool { chosenForm(of: written) == .external }

  /// The expression for the first element of a constant.
  func expression(for entry: Entry) -> String {
    switch entry.form {
    case .array, .incbin: entry.symbol
    case .string: "\(entry.symbol).elements"
    case .embed, .external: "NNC_WEIGHTS_AT(\(entry.written.cType), \(file), \(entry.place!))"
    }
  }

  /// The bytes of the constants in the program.
  var flashByteCount: Int {
    let hasFile = form == .embed && entries.contains { $0.place != nil }
    return entries.reduce(hasFile ? fileByteCount : 0) { $0 + $1.ownByteCount }
  }
}

extension ConstantPool.Entry {
  /// The bytes that it takes in the program as an array of its own. A string ends with a 0.
  var ownByteCount: Int {
    switch form {
    case .array, .incbin: written.byteCount
    case .string: (written.byteCount + 1).rounded(upTo: written.cByteWidth)
    case .embed, .external: 0
    }
  }
}
