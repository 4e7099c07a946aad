/// An integer of less than 8 bits. Several of them share a byte of a tensor; in memory of their own they take one each.
public protocol NarrowInteger: Element {
  /// The bits of the element, in the lowest ones of the byte; the others are 0.
  var bits: UInt8 { get }
  /// Creates the element with these bits.
  init(bits: UInt8)
}

extension NarrowInteger {
  /// The number cut towards zero and held within 32 bits, of which the lowest remain.
  public init(rounding real: Double) { self.init(wrapping: Int128(Int32(rounding: real))) }
  public init(wrapping integer: Int128) {
    self.init(bits: UInt8(truncatingIfNeeded: integer) & (1 << Self.elementType.bitWidth - 1))
  }
  public var real: Double { Double(integer) }
  public var integer: Int128 {
    let count = 1 << Self.elementType.bitWidth
    let isNegative = !Self.elementType.isUnsigned && Int(bits) >= count / 2
    return Int128(isNegative ? Int(bits) - count : Int(bits))
  }
}

/// An integer from -8 to 7.
public struct Int4: NarrowInteger {
  public static let elementType = ElementType.i4
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// An integer from 0 to 15.
public struct UInt4: NarrowInteger {
  public static let elementType = ElementType.u4
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// An integer from -2 to 1.
public struct Int2: NarrowInteger {
  public static let elementType = ElementType.i2
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// An integer from 0 to 3.
public struct UInt2: NarrowInteger {
  public static let elementType = ElementType.u2
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// A number that is +1 or -1: set or clear.
public struct Bit: NarrowInteger {
  public static let elementType = ElementType.bit
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
  /// +1 for 0 and what is greater, -1 for what is less.
  public init(rounding real: Double) { bits = real >= 0 ? 1 : 0 }
  public init(wrapping integer: Int128) { bits = integer >= 0 ? 1 : 0 }
  public var integer: Int128 { bits == 1 ? 1 : -1 }
}

/// Elements of which several share a byte.
extension Tensor {
  /// The bits of each element of a packed type, in a byte of its own.
  public var codes: [UInt8] {
    precondition(element.isPacked, "elements of \(type) take bytes of their own")
    let (width, mask) = (element.bitWidth, UInt8(1 << element.bitWidth - 1))
    return withUnsafeBytes { bytes in
      (0..<type.elementCount).map { bytes[$0 * width / 8] >> UInt8($0 * width % 8) & mask }
    }
  }

  /// Creates a tensor of a packed type from the bits of each element; those of higher value are left out.
  public init(_ type: TensorType, codes: some Collection<UInt8>) {
    precondition(type.element.isPacked && codes.count == type.elementCount, "\(codes.count) codes do not make \(type)")
    let (width, mask) = (type.element.bitWidth, UInt8(1 << type.element.bitWidth - 1))
    self.init(type) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      for (index, code) in codes.enumerated() {
        bytes[index * width / 8] |= (code & mask) << UInt8(index * width % 8)
      }
    }
  }

  /// Creates a tensor of a packed type from its bytes. Bits behind the last element become 0, so that tensors with equal
  /// elements are equal.
  public init(_ type: TensorType, packed bytes: UnsafeRawBufferPointer) {
    precondition(type.element.isPacked && bytes.count == type.byteCount, "\(bytes.count) bytes do not make \(type)")
    self.init(type) { target in
      target.copyMemory(from: bytes)
      let used = type.elementCount * type.element.bitWidth % 8
      if used > 0 { target[target.count - 1] &= UInt8(1 << used - 1) }
    }
  }
}
