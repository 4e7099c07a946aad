import IR

/// The error that `body` throws, as the user sees it, or nil if it succeeds.
func diagnostic(_ body: () throws -> Void) throws -> String? {
  do { try body() } catch let error as Diagnostic { return "\(error)" }
  return nil
}

/// The bytes of a `.npy` file with the given dictionary and data.
func npy(_ dictionary: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array(dictionary.utf8)
  let count = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + count + text + data
}

func dictionary(_ descr: String, _ shape: String, fortran: Bool = false) -> String {
  "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
}

func write(_ bytes: [UInt8], to path: String) throws { try OutputFile.write(to: path) { try $0.append(bytes) } }

func contents(ofFile path: String) throws -> [UInt8] {
  let storage = try TensorStorage.mapping(file: path)
  return withExtendedLifetime(storage) { Array(storage.bytes) }
}

/// A tensor of each type of element that arrays can have.
let samples: [(name: String, tensor: Tensor)] = [
  ("f32", Tensor([Float(1), .nan, -0.0, 3, 4, 5], shape: [2, 3])), ("f64", Tensor([0.1, -.infinity])),
  ("f16", Tensor([Float16(1.5)])),
  ("scalar", Tensor(scalar: Int64.min)), ("bool", Tensor([true, false, true])),
  ("empty", Tensor([Float](), shape: [3, 0])),
  ("i8", Tensor([Int8(-128), 127])), ("i16", Tensor([Int16(-3)])), ("i32", Tensor([Int32(7)], shape: [1, 1, 1])),
  ("u8", Tensor([UInt8](0...255))), ("u16", Tensor([UInt16.max])), ("u32", Tensor([UInt32.max])),
  ("u64", Tensor([UInt64.max])),
  ("zeros", Tensor([Float](repeating: 0, count: 10_000))),
  ("noise", Tensor(random: TensorType(.f32, [50, 60]), seed: 9)),
  ("naïve/name", Tensor([Float(2)])),
]
