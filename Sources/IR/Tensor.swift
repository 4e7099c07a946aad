import Glibc

/// Numbers arranged in a shape: a type, and the bytes of the elements in row-major order, little-endian.
///
/// Copies share their bytes. A tensor may lie in a memory-mapped file, which is then never copied.
public struct Tensor: Sendable {
  /// What the bytes mean.
  public let type: TensorType
  private let storage: TensorStorage
  private let offset: Int

  private init(type: TensorType, storage: TensorStorage, offset: Int) {
    self.type = type
    self.storage = storage
    self.offset = offset
  }

  /// The extents.
  public var shape: Shape { type.shape }
  /// The type of the elements.
  public var element: ElementType { type.element }

  /// Creates a tensor of bytes that `fill` writes.
  public init(_ type: TensorType, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    self.init(type: type, storage: try TensorStorage(byteCount: type.byteCount, fill: fill), offset: 0)
  }

  /// Creates a tensor of bytes that lie in `storage` from `offset` on.
  ///
  /// The bytes are shared unless they are not aligned for their type, as can happen in a file.
  public init(_ type: TensorType, in storage: TensorStorage, at offset: Int) {
    precondition(offset >= 0 && offset + type.byteCount <= storage.bytes.count, "a tensor lies within its storage")
    let source = UnsafeRawBufferPointer(rebasing: storage.bytes[offset..<offset + type.byteCount])
    if let address = source.baseAddress, Int(bitPattern: address) % max(1, type.element.bitWidth / 8) != 0 {
      self.init(type) { $0.copyMemory(from: source) }
    } else {
      self.init(type: type, storage: storage, offset: offset)
    }
  }

  /// Creates a tensor from its elements in row-major order.
  public init<T: Element>(_ elements: [T], shape: Shape? = nil) {
    let type = TensorType(T.elementType, shape ?? [elements.count])
    precondition(elements.count == type.elementCount, "\(elements.count) elements do not make \(type)")
    self = elements.withUnsafeBytes { source in
      type.element.isPacked ? Tensor(type, codes: source) : Tensor(type) { $0.copyMemory(from: source) }
    }
  }

  /// Creates a tensor of rank 0.
  public init<T: Element>(scalar: T) { self.init([scalar], shape: []) }

  /// Calls `body` with the bytes of the elements.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeRawBufferPointer(rebasing: storage.bytes[offset..<offset + type.byteCount]))
    }
  }

  /// The elements, which are of type `T`.
  public func elements<T: Element>(as: T.Type = T.self) -> [T] {
    precondition(T.elementType == element, "elements of \(type) are not \(T.elementType)")
    if element.isPacked { return codes.withUnsafeBytes { Array($0.bindMemory(to: T.self)) } }
    return withUnsafeBytes { Array($0.bindMemory(to: T.self)) }
  }

  /// The same bytes with other extents.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.elementCount == type.elementCount, "\(type) cannot be reshaped to \(shape)")
    return Tensor(TensorType(element, shape), in: storage, at: offset)
  }

  /// The same bytes as elements of a type that takes as many. A bool may be nothing but 0 or 1.
  func reinterpreted(as type: TensorType) -> Tensor {
    precondition(type.byteCount == self.type.byteCount, "\(self.type) cannot be read as \(type)")
    return Tensor(type, in: storage, at: offset)
  }

  /// A tensor of `shape` whose elements are the ones at `indices` of this one, or zero where an index is nil.
  public func gathering(_ indices: some Collection<Int?>, shape: Shape) -> Tensor {
    if element.isPacked {
      let codes = codes
      return Tensor(TensorType(element, shape), codes: indices.map { $0.map { codes[$0] } ?? 0 })
    }
    func gather<Unit: FixedWidthInteger>(_: Unit.Type) -> Tensor {
      withUnsafeBytes { source in
        Tensor(TensorType(element, shape)) { destination in
          let (from, to) = (source.bindMemory(to: Unit.self), destination.bindMemory(to: Unit.self))
          for (position, index) in indices.enumerated() { to[position] = index.map { from[$0] } ?? 0 }
        }
      }
    }
    switch element.bitWidth {
    case 8: return gather(UInt8.self)
    case 16: return gather(UInt16.self)
    case 32: return gather(UInt32.self)
    default: return gather(UInt64.self)
    }
  }

  /// A tensor of `shape` whose elements are the ones at `indices` of this one.
  public func gathering(_ indices: [Int], shape: Shape) -> Tensor {
    // Millions of optional indices would take twice the memory.
    gathering(indices.lazy.map { $0 as Int? }, shape: shape)
  }
}

extension Tensor: Hashable {
  /// Whether types and all bytes are equal; so a NaN equals itself, and zeros of different sign differ.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.type == b.type else { return false }
    if a.storage === b.storage && a.offset == b.offset { return true }
    return a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0 }
    }
  }

  /// Hashes the type and the first bytes, which tell most tensors apart without reading a large file.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(256))) }
  }
}
