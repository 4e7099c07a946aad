/// Encodes the stored properties of an operation as attributes.
///
/// The generic `encode` satisfies the requirements of the container protocols for each concrete type.
final class AttributeEncoder: Encoder {
  final class Storage {
    var entries: [(name: String, value: Attribute)] = []
    var single: Attribute?
  }

  let storage = Storage()
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed<Key>(storage: storage))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(storage: storage) }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(storage: storage) }

  static func attribute(_ value: some Encodable) throws -> Attribute {
    switch value {
    case let value as Bool: return .bool(value)
    case let value as Int: return .int(value)
    case let value as Float: return .float(Double(value))
    case let value as Double: return .float(value)
    case let value as String: return .string(value)
    case let value as Tensor: return .tensor(value)
    case let value as Graph: return .graph(value)
    default:
      let encoder = AttributeEncoder()
      try value.encode(to: encoder)
      guard let attribute = encoder.storage.single else {
        fatalError("internal error: attributes do not nest: \(value)")
      }
      return attribute
    }
  }

  struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let storage: Storage
    var codingPath: [any CodingKey] { [] }
    mutating func encodeNil(forKey key: Key) { storage.entries.append((key.stringValue.attributeName, .none)) }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      storage.entries.append((key.stringValue.attributeName, try attribute(value)))
    }
    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
      if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    // The concrete overloads would win over the generic one in synthesized code.
    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
    private mutating func optional<T: Encodable>(_ value: T?, _ key: Key) throws {
      if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }
    mutating func nestedContainer<K: CodingKey>(keyedBy: K.Type, forKey key: Key) -> KeyedEncodingContainer<K> {
      nestingIsNotSupported()
    }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nestingIsNotSupported() }
    mutating func superEncoder() -> any Encoder { nestingIsNotSupported() }
    mutating func superEncoder(forKey key: Key) -> any Encoder { nestingIsNotSupported() }
  }

  struct Unkeyed: UnkeyedEncodingContainer {
    let storage: Storage
    var values: [Attribute] = []
    var count: Int { values.count }
    var codingPath: [any CodingKey] { [] }
    init(storage: Storage) {
      self.storage = storage
      storage.single = .list([])
    }
    mutating func encodeNil() {}
    mutating func encode<T: Encodable>(_ value: T) throws {
      values.append(try attribute(value))
      storage.single = .list(values)
    }
    mutating func nestedContainer<K: CodingKey>(keyedBy: K.Type) -> KeyedEncodingContainer<K> {
      nestingIsNotSupported()
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nestingIsNotSupported() }
    mutating func superEncoder() -> any Encoder { nestingIsNotSupported() }
  }

  struct Single: SingleValueEncodingContainer {
    let storage: Storage
    var codingPath: [any CodingKey] { [] }
    mutating func encodeNil() { storage.single = Attribute.none }
    mutating func encode<T: Encodable>(_ value: T) throws { storage.single = try attribute(value) }
  }
}

/// Stops for an attribute of a type that the coders do not know, which is a fault of the operation's declaration.
func nestingIsNotSupported() -> Never {
  fatalError(
    "internal error: an attribute is a number, a string, a bool, a tensor, a graph, an enumeration or a list of those")
}
