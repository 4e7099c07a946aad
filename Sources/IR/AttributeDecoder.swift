/// Decodes the stored properties of an operation from attributes, all of which are present.
struct AttributeDecoder: Decoder {
  var storage = Attributes()
  var single: Attribute?
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(storage: Attributes) { self.storage = storage }
  init(single: Attribute) { self.single = single }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(storage: storage))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let values) = single else { throw Mismatch() }
    return Unkeyed(values: values)
  }
  func singleValueContainer() -> any SingleValueDecodingContainer { Single(value: single!) }

  /// A value that is not of the type of its attribute; the keyed container says which.
  struct Mismatch: Error {}

  static func value<T: Decodable>(_ attribute: Attribute, as type: T.Type) throws -> T {
    let value: Any? =
      switch (attribute, type) {
      case (.bool(let value), is Bool.Type): value
      case (.int(let value), is Bool.Type): value == 0 || value == 1 ? value == 1 : nil  // as ONNX writes it
      case (.int(let value), is Int.Type): value
      case (.int(let value), is Float.Type): Float(value)
      case (.int(let value), is Double.Type): Double(value)
      case (.float(let value), is Float.Type): Float(value)
      case (.float(let value), is Double.Type): value
      case (.string(let value), is String.Type): value
      case (.none, is String.Type): "none"  // a case of an enumeration, which text cannot tell from no value
      case (.tensor(let value), is Tensor.Type): value
      case (.graph(let value), is Graph.Type): value
      case (_, is Bool.Type), (_, is Int.Type), (_, is Float.Type), (_, is Double.Type), (_, is String.Type),
        (_, is Tensor.Type), (_, is Graph.Type):
        nil
      default: try T(from: AttributeDecoder(single: attribute))
      }
    guard let value = value as? T else { throw Mismatch() }
    return value
  }

  struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let storage: Attributes
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { storage.entries.compactMap { Key(stringValue: $0.name) } }
    func contains(_ key: Key) -> Bool { storage[key.stringValue.attributeName] != nil }
    func decodeNil(forKey key: Key) -> Bool { storage[key.stringValue.attributeName] == Attribute.none }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      let name = key.stringValue.attributeName
      let attribute = storage[name]!
      do {
        return try value(attribute, as: type)
      } catch let error as Diagnostic {
        throw error
      } catch {
        throw Diagnostic("attribute '\(name)' should be \(Self.expectation(type)), not \(attribute)")
      }
    }
    // The default implementations would ask for each concrete type by another way.
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
      decodeNil(forKey: key) ? nil : try decode(type, forKey: key)
    }
    func nestedContainer<K: CodingKey>(keyedBy: K.Type, forKey: Key) throws -> KeyedDecodingContainer<K> {
      nestingIsNotSupported()
    }
    func nestedUnkeyedContainer(forKey: Key) throws -> any UnkeyedDecodingContainer { nestingIsNotSupported() }
    func superDecoder() throws -> any Decoder { nestingIsNotSupported() }
    func superDecoder(forKey: Key) throws -> any Decoder { nestingIsNotSupported() }

    /// What a value of `type` is, in the words of the user.
    private static func expectation(_ type: Any.Type) -> String {
      switch type {
      case is Bool.Type: "true or false"
      case is Int.Type: "an integer"
      case is Float.Type, is Double.Type: "a number"
      case is String.Type: "a string"
      case is Tensor.Type: "a tensor"
      case is Graph.Type: "a graph"
      case is [Int].Type: "a list of integers"
      case is [Float].Type, is [Double].Type: "a list of numbers"
      case is [String].Type: "a list of strings"
      case let type as any (CaseIterable & RawRepresentable).Type: "one of " + names(of: type).joined(separator: ", ")
      default: "of another type"
      }
    }

    private static func names<E: CaseIterable & RawRepresentable>(of type: E.Type) -> [String] {
      type.allCases.map { "\($0.rawValue)" }
    }
  }

  struct Unkeyed: UnkeyedDecodingContainer {
    let values: [Attribute]
    var currentIndex = 0
    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex == values.count }
    var codingPath: [any CodingKey] { [] }
    init(values: [Attribute]) { self.values = values }
    mutating func decodeNil() -> Bool { false }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
      defer { currentIndex += 1 }
      return try value(values[currentIndex], as: type)
    }
    mutating func nestedContainer<K: CodingKey>(keyedBy: K.Type) throws -> KeyedDecodingContainer<K> {
      nestingIsNotSupported()
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { nestingIsNotSupported() }
    mutating func superDecoder() throws -> any Decoder { nestingIsNotSupported() }
  }

  struct Single: SingleValueDecodingContainer {
    let value: Attribute
    var codingPath: [any CodingKey] { [] }
    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try AttributeDecoder.value(value, as: type) }
  }
}

extension Tensor: Codable {
  /// Not used: the coders of attributes take tensors whole.
  public init(from decoder: any Decoder) throws { nestingIsNotSupported() }
  /// Not used: the coders of attributes take tensors whole.
  public func encode(to encoder: any Encoder) throws { nestingIsNotSupported() }
}

extension Graph: Codable {
  /// Not used: the coders of attributes take graphs whole.
  public init(from decoder: any Decoder) throws { nestingIsNotSupported() }
  /// Not used: the coders of attributes take graphs whole.
  public func encode(to encoder: any Encoder) throws { nestingIsNotSupported() }
}
