// What definitions are often made of.
extension Expansion {
  /// The elements of `value` in order, with other extents.
  mutating func reshape(_ value: Value, _ extents: [Int]) throws -> Value {
    if shape(value).extents == extents { return value }
    var op = Reshape()
    op.allowzero = true  // so that an extent of 0 is that extent
    return try add(op, value, constant(extents))
  }

  /// `value` with its axes in another order.
  mutating func transpose(_ value: Value, _ perm: [Int]) throws -> Value { try add(Transpose(perm), value) }

  /// `value` as elements of type `element`.
  mutating func cast(_ value: Value, to element: ElementType) throws -> Value {
    type(value).element == element ? value : try add(Cast(to: element), value)
  }

  /// The elements of `value` from `start` until before `end` along an axis, every `step`-th.
  mutating func slice(_ value: Value, axis: Int, from start: Int, to end: Int, step: Int = 1) throws -> Value {
    try add(Slice(), value, constant([start]), constant([end]), constant([axis]), constant([step]))
  }

  /// `value` times a number.
  mutating func scale(_ value: Value, by factor: Double) throws -> Value {
    factor == 1 ? value : try add(Mul(), value, constant(factor, type(value).element))
  }

  /// `value` plus another, unless that is left out.
  mutating func sum(_ value: Value, _ other: Value?) throws -> Value {
    try other.map { try add(Add(), value, $0) } ?? value
  }

  /// The numbers that quantized elements stand for.
  mutating func dequantize(_ value: Value, _ scale: Value, _ zero: Value?) throws -> Value {
    try add(DequantizeLinear(), value, scale, zero)
  }

  /// Numbers as quantized elements, of type `element` where no zero point says which.
  mutating func quantize(_ value: Value, _ scale: Value, _ zero: Value?, _ element: ElementType) throws -> Value {
    var op = QuantizeLinear()
    if zero == nil { op.outputDtype = element }
    return try add(op, value, scale, zero)
  }
}

extension ElementType {
  /// The type in which to compute with floats of this type: at least single precision.
  var computing: ElementType { self == .f64 ? .f64 : .f32 }
}
