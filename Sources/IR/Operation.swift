/// What a node computes, together with the attributes that the computation depends on.
///
/// An operation is declared in one place. Its stored properties are its attributes: `Codable` gives them their form in
/// text and JSON (a property `kernelShape` is the attribute `kernel_shape`), `Hashable` lets equal nodes be shared, and
/// `init()` gives the value of an attribute that is left out. Names and meanings are those of ONNX, newest opset, unless
/// the comment says that the operation is nnc's own.
public protocol Operation: Codable, Hashable, Sendable {
  /// The name of the operation in text and in models. One of another domain than ONNX's own has that before it, as in
  /// `ai.onnx.ml.Scaler`.
  static var name: String { get }

  /// The operands, in order.
  static var operands: Signature { get }

  /// Creates the operation with the default value of each attribute.
  init()

  /// Returns the types of all results, or throws what is wrong with the operands or attributes.
  ///
  /// This is both type inference and verification: an ill-typed node cannot be made.
  func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType]

  /// Returns the results for operands whose types `resultTypes(_:)` accepted.
  ///
  /// This is the definition of the operation; generated code is tested against it. Reals are computed in double
  /// precision and rounded once to the element type.
  func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor]

  /// Returns the results if they are the same in every run, else nil.
  ///
  /// By default they are known where all operands are.
  func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]?
}

extension Operation {
  /// See the requirement.
  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    guard operands.allSatisfy({ $0?.mayBeKnown ?? true }) else { return nil }
    var tensors: [Tensor?] = []
    for operand in operands {
      guard let operand else {
        tensors.append(nil)
        continue
      }
      guard let known = try operand.known() else { return nil }
      tensors.append(known)
    }
    return try evaluate(Operands(tensors), results)
  }

  /// The name of the operation.
  public var opName: String { Self.name }

  /// The operands, in order.
  public var signature: Signature { Self.operands }

  /// Whether `other` is the same operation with the same attributes.
  public func isEqual(to other: any Operation) -> Bool { other as? Self == self }
}

/// The operands that an operation takes.
///
///     ["X", "W", "B?"]     two operands, and a third that may be left out
///     ["condition", "inputs..."]   one operand, and one or more others
///     ["condition", "captured...?"]   one operand, and any number of others
public struct Signature: Sendable, ExpressibleByArrayLiteral {
  /// The names, with their suffixes.
  public let names: [String]

  /// Creates a signature from names, of which optional ones end in `?` and a last repeated one in `...` or `...?`.
  public init(arrayLiteral names: String...) { self.names = names }

  /// Whether the last operand may be repeated.
  public var isVariadic: Bool { names.last?.contains("...") ?? false }

  /// How many operands there must be at least.
  public var minimum: Int { (names.lastIndex { !$0.hasSuffix("?") } ?? -1) + 1 }

  /// How many operands there can be.
  public var maximum: Int { isVariadic ? Int.max : names.count }

  /// The name of the operand at `index`, without suffix.
  public func name(at index: Int) -> String {
    let name = names[Swift.min(index, names.count - 1)]
    let plain = name.prefix { $0 != "." && $0 != "?" }
    return name.contains("...") ? "\(plain)[\(index - names.count + 1)]" : String(plain)
  }

  /// Throws unless operands of which `present` tells the present ones fit.
  func check(present: [Bool]) throws(Diagnostic) {
    let list = names.isEmpty ? "no operands" : "operands (\(names.joined(separator: ", ")))"
    guard (minimum...maximum).contains(present.count) else { throw Diagnostic("takes \(list), not \(present.count)") }
    for (index, isPresent) in present.enumerated()
    where !isPresent && !names[Swift.min(index, names.count - 1)].hasSuffix("?") {
      throw Diagnostic("operand \(name(at: index)) is missing; it takes \(list)")
    }
  }
}

/// What type inference may know of an operand.
public struct Operand {
  /// Its type.
  public let type: TensorType
  /// False where it is certain, without computing anything, that its elements depend on an input.
  let mayBeKnown: Bool
  /// Returns its elements if they are the same in every run, else nil.
  public let known: () throws -> Tensor?

  /// Creates an operand.
  public init(_ type: TensorType, known: @escaping () throws -> Tensor? = { nil }) {
    self.init(type, mayBeKnown: true, known: known)
  }

  init(_ type: TensorType, mayBeKnown: Bool, known: @escaping () throws -> Tensor?) {
    self.type = type
    self.mayBeKnown = mayBeKnown
    self.known = known
  }

  /// The extents.
  public var shape: Shape { type.shape }
  /// The type of the elements.
  public var element: ElementType { type.element }

  /// The elements of an operand on which the shape of a result depends.
  public func requireKnown(_ name: String) throws -> Tensor {
    guard let tensor = try known() else {
      throw Diagnostic("operand '\(name)' must be known when the model is compiled, but it is computed from an input")
    }
    return tensor
  }
}

/// The operands of one node; those left out are nil.
public struct Operands<Item>: RandomAccessCollection {
  private let items: [Item?]

  /// Creates the list, without the absent ones at its end.
  public init(_ items: [Item?]) {
    self.items = Array(items[..<((items.lastIndex { $0 != nil } ?? -1) + 1)])
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { items.count }

  /// The operand at `index`, or nil where it is left out.
  public subscript(index: Int) -> Item? { index < items.count ? items[index] : nil }

  /// The operand at `index`, which the signature says is present.
  public func required(_ index: Int) -> Item { items[index]! }

  /// The first operand.
  public var first: Item { items[0]! }

  /// All operands of a node that can leave none out.
  public var all: [Item] { items.map { $0! } }
}
