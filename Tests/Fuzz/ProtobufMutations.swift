import IR

/// A field of a protocol buffer, of which nothing but the form is known.
private struct Field {
  var number: UInt64
  var wireType: UInt64
  /// The number as it is written, or the bytes without their length.
  var payload: ArraySlice<UInt8>

  /// The fields that `bytes` consist of, or nil if they are no message.
  static func parse(_ bytes: ArraySlice<UInt8>) -> [Field]? {
    var rest = bytes
    var fields: [Field] = []
    while !rest.isEmpty {
      guard let tag = takeVarint(&rest), (1...30).contains(tag >> 3) else { return nil }
      let start = rest
      var count: Int
      switch tag & 7 {
      case 0:
        guard takeVarint(&rest) != nil else { return nil }
        count = rest.startIndex - start.startIndex
        rest = start
      case 1: count = 8
      case 5: count = 4
      case 2:
        guard let length = takeVarint(&rest), length <= UInt64(rest.count) else { return nil }
        count = Int(length)
      default: return nil
      }
      guard count <= rest.count else { return nil }
      fields.append(Field(number: tag >> 3, wireType: tag & 7, payload: rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return fields
  }

  private static func takeVarint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func bytes(of fields: [Field]) -> [UInt8] {
    fields.flatMap { field in
      varint(field.number << 3 | field.wireType) + (field.wireType == 2 ? varint(UInt64(field.payload.count)) : [])
        + field.payload
    }
  }
}

extension RandomSource {
  /// Changes one field somewhere in a protocol buffer, so that all else still fits.
  mutating func editProtobuf(_ bytes: [UInt8]) -> [UInt8] {
    Field.parse(bytes[...]).map { Field.bytes(of: edited($0)) } ?? bytes
  }

  private mutating func edited(_ fields: [Field]) -> [Field] {
    guard !fields.isEmpty else { return fields }
    var fields = fields
    // Messages are descended into with care for the few large ones among many small fields.
    let messages = fields.indices.filter { fields[$0].wireType == 2 && fields[$0].payload.count > 1 }
    let index = !messages.isEmpty && percent(70) ? element(of: messages) : below(fields.count)
    if fields[index].wireType == 2, percent(85), let inner = Field.parse(fields[index].payload), !inner.isEmpty {
      fields[index].payload = Field.bytes(of: edited(inner))[...]
      return fields
    }
    switch below(10) {
    case 0: fields.remove(at: index)
    case 1: fields.insert(fields[index], at: below(fields.count + 1))
    case 2: fields.swapAt(index, below(fields.count))
    case 3:
      let others = fields.filter { $0.wireType == fields[index].wireType }
      fields[index].payload = element(of: others).payload
    default: fields[index].payload = changed(fields[index])
    }
    return fields
  }

  /// Another value for a field of its form.
  private mutating func changed(_ field: Field) -> ArraySlice<UInt8> {
    var payload = Array(field.payload)
    switch field.wireType {
    case 0: return Field.varint(interestingInteger())[...]
    case 2:
      if let name = String(validating: payload, as: UTF8.self), operation(named: name) != nil, percent(80) {
        return Array(element(of: allOperations).name.utf8)[...]
      }
      if payload.isEmpty || percent(10) { return [UInt8(ascii: "x")] }
      damage(&payload, with: [])
      return payload[...]
    default:
      let special: [Float] = [.nan, .infinity, -.infinity, 0, -1, 1e30, Float.leastNonzeroMagnitude, 3.5]
      let bits = UInt64(element(of: special).bitPattern)
      return withUnsafeBytes(of: field.wireType == 5 ? bits : bits << 32) { Array($0.prefix(payload.count))[...] }
    }
  }
}
