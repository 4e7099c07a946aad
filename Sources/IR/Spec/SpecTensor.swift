/// Types and small tensors in JSON.
extension JSONReader {
  func element(_ value: JSONValue, _ what: String) throws(Diagnostic) -> ElementType {
    let text = try string(value, "the type of \(what)")
    let known = ElementType.allCases.filter { $0 != .bit }.map(\.rawValue)
    guard known.contains(text), let element = ElementType(rawValue: text) else {
      throw fault(
        "\(what) has the unknown type \(text.shortened.quoted)\(suggestion(for: text, among: known)); "
          + "the types are \(known.joined(separator: ", "))", at: value.position)
    }
    return element
  }

  /// The most axes that a tensor can have in a spec: as many as in NumPy.
  static let maximumRank = 64

  func shape(_ value: JSONValue, _ what: String, _ extent: (JSONValue) throws -> Int) throws -> Shape {
    let extents = try array(value, "the shape of \(what)")
    guard extents.count <= Self.maximumRank else {
      throw fault("\(what) has \(extents.count) axes; at most \(Self.maximumRank) are possible", at: value.position)
    }
    return Shape(try extents.map(extent))
  }

  /// The type, if a tensor can have it.
  func validated(_ type: TensorType, at position: JSONPosition) throws(Diagnostic) -> TensorType {
    do { try type.validate() } catch { throw error.located(at: location(position)) }
    return type
  }

  /// A tensor such as `{"type": "i64", "shape": [2], "data": [1, -1]}`.
  func tensor(_ value: JSONValue, _ what: String) throws -> Tensor {
    let object = try object(value, what, keys: ["type", "shape", "data"])
    let element = try element(object.required("type"), what)
    let data = try object.required("data")
    let items: [JSONValue]
    var shape: Shape = []
    if case .array(let values) = data.content {
      items = values
      shape = [values.count]
    } else {
      items = [data]
    }
    if let given = object["shape"] { shape = try self.shape(given, what) { try count($0, "an extent of \(what)") } }
    let type = try validated(TensorType(element, shape), at: object.position)
    guard items.count == type.elementCount else {
      throw fault(
        "\(what) is \(type) and has \(type.elementCount) elements, but its data are \(items.count)", at: data.position)
    }
    let words = try items.map { try word($0, element, what) }
    do {
      return try Self.tensor(type, words)
    } catch {
      // The fault is looked for only where there is one.
      for (item, word) in zip(items, words) {
        do { _ = try Self.tensor(TensorType(element, []), [word]) } catch {
          throw fault("\(what): \(error.message)", at: item.position)
        }
      }
      throw error.located(at: location(data.position))
    }
  }

  private static func tensor(_ type: TensorType, _ words: [String]) throws(Diagnostic) -> Tensor {
    let tensor = try Literal.numbers(words).tensor(of: type)
    if type.element.isFloat {
      for (word, value) in zip(words, tensor.reals) where !value.isFinite && !word.isNonFinite {
        throw Diagnostic("\(word.shortened) is out of the range of type \(type.element)")
      }
    }
    return tensor
  }

  /// The text of one element.
  private func word(_ value: JSONValue, _ element: ElementType, _ what: String) throws(Diagnostic) -> String {
    switch value.content {
    case .number(let text): return text
    case .bool(let value) where element == .bool: return "\(value)"
    case .string(let text) where element.isFloat && text.isNonFinite: return text
    case .array:
      throw fault("the data of \(what) should be one flat list; give the extents as \"shape\"", at: value.position)
    default:
      let expected =
        element == .bool
        ? "true, false, 0 or 1" : element.isFloat ? "a number, \"inf\", \"-inf\" or \"nan\"" : "an integer"
      throw fault("an element of \(what) should be \(expected), not \(value.summary)", at: value.position)
    }
  }
}

extension String {
  /// Whether the string is one of those that stand for numbers which JSON lacks.
  var isNonFinite: Bool { ["nan", "inf", "-inf"].contains(self) }
}

/// Attributes in JSON.
extension JSONReader {
  /// Creates the operation of a node.
  ///
  /// - Throws: A diagnostic at the attribute that is unknown or has a wrong value.
  package func operation<Op: Operation>(_: Op.Type, _ members: [JSONValue.Member], title: String) throws -> Op {
    let known = Attributes(of: Op()).entries.map(\.name)
    var attributes = Attributes()
    for member in members {
      guard known.contains(member.key) else {
        let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
        throw fault(
          "\(title) has no attribute \(member.key.shortened.quoted)"
            + "\(suggestion(for: member.key, among: known)); \(list)",
          at: member.position)
      }
      attributes.entries.append((member.key, try attribute(member, of: Op.self, title)))
    }
    return try Op(attributes)
  }

  /// The value of one attribute in the form in which the operation takes it.
  private func attribute<Op: Operation>(_ member: JSONValue.Member, of: Op.Type, _ title: String) throws -> Attribute {
    let failure: Diagnostic
    do {
      let value = try attribute(member.value, asReal: false)
      _ = try Op(Attributes([(member.key, value)]))
      return value
    } catch let error as Diagnostic {
      failure = error
    }
    // A number that is no Int, and the names of infinities, can still be meant for a real attribute.
    if let value = try? attribute(member.value, asReal: true), (try? Op(Attributes([(member.key, value)]))) != nil {
      return value
    }
    throw Diagnostic("\(title): \(failure.message)", at: failure.location ?? location(member.value.position))
  }

  private func attribute(_ value: JSONValue, asReal: Bool) throws -> Attribute {
    switch value.content {
    case .null: return .none
    case .bool(let value): return .bool(value)
    case .string(let text): return asReal && text.isNonFinite ? .float(Double(text) ?? .nan) : .string(text)
    case .array(let values): return .list(try values.map { try attribute($0, asReal: asReal) })
    case .object(let members) where members.contains { $0.key == "nodes" }:
      return .graph(try SpecBuilder.graph(of: Spec(body: value, self)))
    case .object: return .tensor(try tensor(value, "the attribute"))
    case .number(let text):
      let isInteger = !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
      if isInteger, !asReal {
        guard let number = Int(text) else {
          throw fault("\(text.shortened) does not fit an integer of 64 bits", at: value.position)
        }
        return .int(number)
      }
      guard let number = Decimal.attribute(text), number.isFinite else {
        throw fault("\(text.shortened) is too large for a number", at: value.position)
      }
      return .float(number)
    }
  }
}
