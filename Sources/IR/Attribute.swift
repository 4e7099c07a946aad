/// The value of an attribute as text and JSON see it.
public enum Attribute: Hashable, Sendable {
  /// An optional attribute without value.
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case list([Attribute])
  case tensor(Tensor)
  /// A branch or the body of a loop.
  case graph(Graph)
}

/// Attributes by name, in the order of declaration.
public struct Attributes: Sendable {
  /// The names and values.
  public var entries: [(name: String, value: Attribute)] = []

  /// Creates an empty list.
  public init() {}

  /// Creates a list of the given attributes.
  public init(_ entries: [(name: String, value: Attribute)]) { self.entries = entries }

  /// Reads the attributes of an operation, or the options of a pass.
  public init(of value: some Encodable) {
    let encoder = AttributeEncoder()
    do { try value.encode(to: encoder) } catch { fatalError("internal error: \(value): \(error)") }
    entries = encoder.storage.entries
  }

  /// The value of an attribute.
  public subscript(name: String) -> Attribute? { entries.first { $0.name == name }?.value }

  /// Returns a value with these stored properties, and those of `defaults` where they have none.
  ///
  /// - Parameters:
  ///   - owner: What has the properties, for messages.
  ///   - kind: What a property is called there.
  public func replacing<Owner: Codable>(in defaults: Owner, of owner: String, called kind: String) throws -> Owner {
    var all = Attributes(of: defaults)
    for (name, value) in entries {
      guard let index = all.entries.firstIndex(where: { $0.name == name }) else {
        let known = all.entries.map(\.name).joined(separator: ", ")
        throw Diagnostic("\(owner) has no \(kind) '\(name)'; " + (known.isEmpty ? "it has none" : "it has \(known)"))
      }
      all.entries[index].value = value
    }
    return try Owner(from: AttributeDecoder(storage: all))
  }

  /// The attributes that differ from those of `defaults`.
  public func changed(from defaults: Attributes) -> Attributes {
    Attributes(entries.filter { defaults[$0.name] != $0.value })
  }
}

extension Operation {
  /// Creates an operation with the given attributes, and the default value of the others.
  ///
  /// - Throws: A diagnostic that lists the known names if one is unknown, or says what a value should be.
  public init(_ attributes: Attributes) throws {
    self = try attributes.replacing(in: Self(), of: Self.name, called: "attribute")
  }

  /// The attributes that differ from their default values.
  public var changedAttributes: Attributes { Attributes(of: self).changed(from: Attributes(of: Self())) }
}

extension Attribute: CustomStringConvertible {
  /// The value as text, which the parser of the text form reads back; of a graph only its name.
  public var description: String {
    switch self {
    case .none: "none"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): Float(value).real == value || value.isNaN ? "\(Float(value))" : "\(value)"
    case .string(let value): value.isEmpty ? value.quoted : value.quotedUnlessPlain
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .tensor(let tensor): "tensor(\(tensor.literal(.exact)) : \(tensor.type))"
    case .graph(let graph): "graph \(graph.name.quotedUnlessWord)"
    }
  }
}

extension StringProtocol {
  /// The name of the attribute that a property is: `kernelShape` becomes `kernel_shape`, but `transA` remains.
  var attributeName: String {
    let characters = Array(self)
    return characters.indices.map { index in
      let character = characters[index]
      let startsWord = character.isUppercase && index + 1 < characters.count && characters[index + 1].isLowercase
      return startsWord ? "_" + character.lowercased() : String(character)
    }.joined()
  }
}
