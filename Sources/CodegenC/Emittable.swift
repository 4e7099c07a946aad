import IR

/// The C of an operation, and what its results ask of memory.
public protocol CEmission {
  /// Adds the statements that compute the results of a step.
  ///
  /// - Throws: A diagnostic if this combination of attributes and types has no C.
  func emit(_ site: Site, into c: inout CWriter) throws

  /// Where a result may lie, besides in memory of its own.
  func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement

  /// The bytes of memory that the statements need besides operands and results.
  func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int

  /// The constant operands that the statements read only by kernels that can read the memory in which the program lies,
  /// where that is another than that of variables. Others are copied before.
  var programMemoryOperands: Set<Int> { get }

  /// Whether all results need memory, also those that nothing uses.
  var writesAllResults: Bool { get }
}

/// An operation that says itself what its C is.
///
/// Elementwise operations need not: their C follows from the kernel for one element. Nor do views, which are loops that
/// copy, or nothing at all.
public protocol Emittable: Operation, CEmission {}

/// Whether there is C for the operation called `name`, or for those that define it.
public func hasC(named name: String) -> Bool {
  guard let type = operation(named: name) else { return false }
  return type is any CompositeOperation.Type || emission(of: type.init()) != nil
}

/// The C of `op`, or nil if there is none.
func emission(of op: any Operation) -> (any CEmission)? {
  switch op {
  case let op as any Emittable: op
  case let op as any KnownOperation: KnownEmission(op: op)
  case is any ReshapingOperation: ReshapingEmission()
  case let op as any ViewOperation: ViewEmission(op: op)
  case let op as any ElementwiseOperation: ElementwiseEmission(op: op)
  default: nil
  }
}

extension CEmission {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement { .own }
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int { 0 }
  public var programMemoryOperands: Set<Int> { [] }
  public var writesAllResults: Bool { false }
}

/// Where a result may lie in memory.
public enum Placement: Equatable {
  /// In memory of its own.
  case own
  /// It is a part of an operand, from that element on, and needs no statement.
  case view(operand: Int, offset: Int)
  /// In the place of one of these operands, if it is not needed afterwards and as large.
  ///
  /// The statements must read an element of such an operand no later than they write the element at its place.
  case inPlace(operands: [Int])
  /// Operands may lie inside the result from these elements on, and are then already where they belong.
  case around(operandOffsets: [Int])
}

/// An array in the generated C.
public struct CArray {
  /// The expression for its first element.
  public let name: String
  /// What it holds.
  public let type: TensorType

  /// The part of the array from an element on.
  public func advanced(by offset: Int) -> String { offset == 0 ? name : "\(name) + \(offset)" }
}

/// The C function of a branch or the body of a loop: it takes the inputs, the outputs, the weights where they are passed,
/// and memory for its arena.
public struct CBody {
  /// The name of the function.
  public let function: String
  /// The size of its arena.
  public let arenaByteCount: Int
  /// The arguments between the outputs and the arena.
  public let context: [String]

  /// The call with some inputs and outputs.
  func call(_ arguments: [String], arena: String) -> String {
    "\(function)(\((arguments + context + [arena]).joined(separator: ", ")));"
  }
}

/// One step of the generated function: a node, and the C names of its operands and results.
public final class Site {
  /// The node.
  public let node: Node
  /// The functions of its branches or its body.
  public let bodies: [CBody]
  /// The operands as type inference sees them.
  public let operands: Operands<Operand>
  private let operandNames: [String?]
  private let constants: [Tensor?]
  private let results: [CArray?]
  private let alreadyPlaced: [Bool]
  /// The expression for scratch memory, if the operation asked for it.
  public let scratch: String?
  /// The operands that the statements read through memory, with elements in bytes of their own.
  private(set) var usedOperands: Set<Int> = []
  /// The constants that the statements read as they are packed.
  private(set) var packedOperands: Set<Int> = []

  init(
    node: Node, bodies: [CBody], operands: Operands<Operand>, operandNames: [String?], constants: [Tensor?],
    results: [CArray?],
    alreadyPlaced: [Bool], scratch: String?
  ) {
    self.node = node
    self.bodies = bodies
    self.operands = operands
    self.operandNames = operandNames
    self.constants = constants
    self.results = results
    self.alreadyPlaced = alreadyPlaced
    self.scratch = scratch
  }

  /// Whether the operand at `index` is present.
  public func has(_ index: Int) -> Bool { operands[index] != nil }

  /// The type of an operand that is present.
  public func type(_ index: Int) -> TensorType { operands[index]!.type }

  /// An operand that is present, which the statements read.
  public func operand(_ index: Int) -> CArray {
    usedOperands.insert(index)
    return CArray(name: operandNames[index]!, type: type(index))
  }

  /// The expression for the element at `place` of an operand that is present.
  ///
  /// That of a constant of a packed type is taken out of the byte that it shares with others; other statements, which use
  /// `operand(_:)`, need such a constant with elements in bytes of their own.
  func element(_ index: Int, at place: String, _ c: inout CWriter) -> String {
    guard constant(index) != nil, type(index).element.isPacked else { return "\(operand(index).name)[\(place)]" }
    return "\(c.kernel("nnc_unpack_\(type(index).element)"))(\(packedOperand(index)), \(place))"
  }

  /// The expression for the first byte of a constant of which several elements share a byte.
  func packedOperand(_ index: Int) -> String {
    packedOperands.insert(index)
    return "p\(index)"
  }

  /// The pointer to an operand, or a null pointer where it is left out.
  public func pointer(_ index: Int) -> String { has(index) ? operand(index).name : "NULL" }

  /// The elements of an operand that is a constant.
  public func constant(_ index: Int) -> Tensor? { index < constants.count ? constants[index] : nil }

  /// Whether the operand at `index` lies inside the result already, where `Placement.around` wants it.
  public func isAlreadyPlaced(_ index: Int) -> Bool { alreadyPlaced[index] }

  /// The result at `index`, which is nil where nothing uses it.
  public func optionalResult(_ index: Int) -> CArray? { index < results.count ? results[index] : nil }

  /// The first result.
  public var result: CArray { results[0]! }

  /// The types of all operands, for messages.
  var operandTypes: String { operands.compactMap { $0?.type.description }.joined(separator: ", ") }

  /// The type of the first result.
  public var resultType: TensorType { node.types[0] }

  /// The suffix of kernels for elements of the first operand.
  public var suffix: String { (operands[0]?.type ?? resultType).element.rawValue }
}
