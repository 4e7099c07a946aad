import IR
import Testing

/// Elements of at most 8 bits: what their bits mean, and how numbers become such.
@Suite struct NarrowTypeTests {
  /// Numbers that the formats are known to have.
  @Test(
    arguments: [
      (.f8e4m3fn, 0x7e, 448), (.f8e4m3fn, 0x01, 0x1p-9), (.f8e4m3fn, 0x08, 0x1p-6), (.f8e4m3fn, 0xb8, -1),
      (.f8e4m3fnuz, 0x7f, 240), (.f8e4m3fnuz, 0x01, 0x1p-10), (.f8e4m3fnuz, 0x40, 1), (.f8e5m2, 0x7b, 57344),
      (.f8e5m2, 0x7c, .infinity), (.f8e5m2, 0x01, 0x1p-16), (.f8e5m2, 0xbc, -1), (.f8e5m2fnuz, 0x7f, 57344),
      (.f8e5m2fnuz, 0x01, 0x1p-17), (.f8e5m2fnuz, 0x40, 1), (.f8e8m0, 0x00, 0x1p-127), (.f8e8m0, 0x7f, 1),
      (.f8e8m0, 0xfe, 0x1p127),
    ] as [(ElementType, UInt8, Double)])
  func knownNumbers(element: ElementType, bits: UInt8, number: Double) {
    let tensor = Tensor(TensorType(element, [])) { $0[0] = bits }
    #expect(tensor.reals == [number])
    #expect(Tensor(TensorType(element, []), reals: [number]) == tensor)
  }

  @Test(
    arguments: [
      (.f8e4m3fn, [0x7f, 0xff]), (.f8e4m3fnuz, [0x80]), (.f8e5m2, [0x7d, 0x7e, 0x7f, 0xfd, 0xfe, 0xff]),
      (.f8e5m2fnuz, [0x80]), (.f8e8m0, [0xff]),
    ] as [(ElementType, [UInt8])])
  func notNumbers(element: ElementType, bits: [UInt8]) {
    let all = Tensor(TensorType(element, [256])) { $0.copyBytes(from: [UInt8](0...255)) }
    #expect((UInt8(0)...255).filter { all.reals[Int($0)].isNaN } == bits)
  }

  /// Every number is read back, and what lies between two becomes the nearer one, of two the even one.
  @Test func rounding() {
    func check<T: NarrowFloat>(_: T.Type) {
      let numbers = (0...T.format.greatest).map { T(bits: $0) }
      for (a, b) in zip(numbers, numbers.dropFirst()) {
        let middle = (a.real + b.real) / 2
        for (number, expected) in [
          (a.real, a), (middle, a.bits % 2 == 0 ? a : b), (middle.nextDown, a), (middle.nextUp, b),
        ] {
          #expect(T(rounding: number, saturating: false) == expected, "\(number) as \(T.elementType)")
          if number > 0, expected.bits > 0 {
            #expect(T(rounding: -number, saturating: true).bits == expected.bits | T.format.sign)
          }
        }
      }
      // The number that would come next, and the tie before it.
      let last = numbers[numbers.count - 1].real
      let step = last - numbers[numbers.count - 2].real
      #expect(T(rounding: (last + step / 2).nextDown, saturating: false) == numbers.last)
      #expect(T(rounding: last + step, saturating: true) == numbers.last)
      #expect(T(rounding: last + step).real.isFinite == (T.elementType == .f4e2m1))
    }
    check(Float8E4M3FN.self)
    check(Float8E4M3FNUZ.self)
    check(Float8E5M2.self)
    check(Float8E5M2FNUZ.self)
    check(Float4E2M1.self)
  }

  @Test func sharedBytes() throws {
    let nibbles = Tensor(TensorType(.i4, [3]), integers: [-8, 7, -1])
    #expect(bytes(nibbles) == [0x78, 0x0f] && nibbles.integers == [-8, 7, -1])
    let pairs = Tensor(TensorType(.u2, [5]), integers: [3, 0, 1, 2, 7])
    #expect(bytes(pairs) == [0x93, 0x03] && pairs.integers == [3, 0, 1, 2, 3])
    #expect(Tensor(TensorType(.i2, [4]), integers: [-2, -1, 0, 1]).integers == [-2, -1, 0, 1])
    #expect(Tensor(TensorType(.f4e2m1, [2]), reals: [-6, 0.5]).reals == [-6, 0.5])
    // Bits behind the last element do not count.
    let padded = [UInt8](arrayLiteral: 0x78, 0xff).withUnsafeBytes { Tensor(TensorType(.i4, [3]), packed: $0) }
    #expect(padded == nibbles && padded.hashValue == nibbles.hashValue)
    #expect(nibbles.gathering([2, nil, 0], shape: [3]).integers == [-1, 0, -8])
  }

  @Test(arguments: [
    OperationCase("Cast(%a) {to: i4}", "[-9.9, 8, 465, -inf, nan] : f32[5]", gives: "[7, -8, 1, 0, 0] : i4[5]"),
    OperationCase("Cast(%a) {to: u2}", "[-1, 4, 7] : i64[3]", gives: "[3, 0, 3] : u2[3]"),
    OperationCase("Cast(%a) {to: bf16}", "[4629700416936869889] : i64[1]", gives: "[4.647715e+18] : bf16[1]"),
    OperationCase(
      "Cast(%a) {to: f8e4m3fn, saturate: false}", "[448, 464, -465, 1.0625000000001] : f64[4]",
      gives: "bytes(7e7eff39) : f8e4m3fn[4]"),
    OperationCase(
      "Cast(%a) {to: f8e5m2}", "[inf, 1000000, -0.0] : f32[3]", gives: "[57344.0, 57344.0, -0.0] : f8e5m2[3]"),
    OperationCase(
      "Cast(%a) {to: f8e5m2, saturate: false}", "[inf, 61440, 61439] : f32[3]",
      gives: "[inf, inf, 57344.0] : f8e5m2[3]"),
    OperationCase("Cast(%a) {to: f8e5m2fnuz}", "[-0.0, -1e-30] : f32[2]", gives: "[0.0, 0.0] : f8e5m2fnuz[2]"),
    OperationCase("Cast(%a) {to: f4e2m1}", "[nan, 2.5, -9] : f32[3]", gives: "[-0.0, 2.0, -6.0] : f4e2m1[3]"),
    OperationCase("Cast(%a) {to: f8e8m0}", "[0, 1.1, 2] : f32[3]", gives: "[5.877472e-39, 2.0, 2.0] : f8e8m0[3]"),
    OperationCase(
      "Cast(%a) {to: f8e8m0, round_mode: nearest, saturate: false}", "[1.5, 1.49, 0] : f32[3]",
      gives: "bytes(807fff) : f8e8m0[3]"),
    OperationCase("BitCast(%a) {to: u4}", "[-8, -1, 7] : i4[3]", gives: "[8, 15, 7] : u4[3]"),
    OperationCase("BitCast(%a) {to: i32}", "[1, -0.0] : f32[2]", gives: "[1065353216, -2147483648] : i32[2]"),
    OperationCase("BitCast(%a) {to: bool}", "[0, 7] : u8[2]", gives: "[false, true] : bool[2]"),
  ])
  func conversions(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase(
      "QuantizeLinear(%a, %b) {output_dtype: i4}", "[2.5, -100, 3.4] : f32[3]", "[1] : f32[]",
      gives: "[2, -8, 3] : i4[3]"
    ),
    // The quotient of half-precision numbers, 1.4995, is 1.5 before it is rounded.
    OperationCase(
      "QuantizeLinear(%a, %b)", "[2050] : f16[1]", "[1367] : f16[]", gives: "[2] : u8[1]"),
    OperationCase(
      "QuantizeLinear(%a, %b) {output_dtype: f8e4m3fn, saturate: false}", "[449, -500] : f32[2]", "[1] : f32[]",
      gives: "bytes(7eff) : f8e4m3fn[2]"),
    OperationCase(
      "DequantizeLinear(%a, %b, %c)", "[7, -8, 0, 1] : i4[2x2]", "[0.5, 2] : f32[2]", "[1, -1] : i4[2]",
      gives: "[3.0, -14.0, -0.5, 4.0] : f32[2x2]"),
    OperationCase(
      "DequantizeLinear(%a, %b) {output_dtype: f16}", "[448, -0.5] : f8e4m3fn[2]", "[4] : f8e8m0[]",
      gives: "[1792.0, -2.0] : f16[2]"),
  ])
  func quantization(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Add(%a, %a)", "[1] : f8e5m2[1]", gives: "is not defined for elements of type f8e5m2; add a Cast"),
    OperationCase("Equal(%a, %a)", "[1] : i4[1]", gives: "is not defined for elements of type i4; add a Cast"),
    OperationCase("ReduceMax(%a)", "[1] : u2[1]", gives: "is not defined for elements of type u2"),
    OperationCase("Cast(%a) {to: bit}", "[1] : f32[1]", gives: "cannot cast to elements of type bit"),
    OperationCase("Identity(%a)", "[0] : bit[1]", gives: "0 is out of the range of type bit"),
    OperationCase("Identity(%a)", "[8] : i4[1]", gives: "8 is out of the range of type i4"),
    OperationCase("BitCast(%a) {to: i16}", "[1] : f32[1]", gives: "have 32 bits, and so cannot become"),
    OperationCase("BitCast(%a)", "[1] : f32[1]", gives: "attribute 'to' is missing"),
    OperationCase(
      "QuantizeLinear(%a, %b) {output_dtype: f8e8m0}", "[1] : f32[1]", "[1] : f32[]",
      gives: "the result would have elements of type f8e8m0"),
    OperationCase(
      "QuantizeLinear(%a, %b) {precision: f64}", "[1] : f32[1]", "[1] : f32[]", gives: "precision is f64"),
    OperationCase(
      "DequantizeLinear(%a, %b)", "[1] : i4[1]", "[1] : f8e8m0[]", gives: "see output_dtype"),
  ])
  func faults(_ testCase: OperationCase) { testCase.checkFault() }
}

/// Decimal numbers are rounded once to whatever they become.
@Suite struct DecimalTests {
  @Test(
    arguments: [
      // A little more than halfway between two floats, by less than a double can tell.
      ("1.00000005960464477539062500000000001", .f32, 1.0000001192092896),
      ("-1.00000005960464477539062500000000001", .f32, -1.0000001192092896),
      ("1.000000059604644775390625", .f32, 1),
      ("1.00048828125000000000000000000001", .f16, 1.0009765625),
      ("1.0039062500000000000000000000001", .bf16, 1.0078125),
      ("1.06250000000000000000000000000001", .f8e4m3fn, 1.125),
      ("0.1", .f64, 0.1), ("1e-400", .f32, 0), ("1e400", .f32, .infinity), ("1e400", .f8e4m3fn, .nan),
    ] as [(String, ElementType, Double)])
  func constants(text: String, element: ElementType, number: Double) throws {
    let graph = try Graph(
      parsing: "graph g {\n%c = Constant [\(text)] : \(element)[1]\nreturn %c\n}", file: "case.nnc")
    let found = try graph.evaluate([:])[0].reals[0]
    #expect(found == number || (found.isNaN && number.isNaN))
  }

  @Test func attributes() throws {
    let text = "1.00000005960464477539062500000000001"
    let node = "{\"op\": \"Elu\", \"inputs\": [\"x\"], \"outputs\": [\"y\"], \"attributes\": {\"alpha\": \(text)}}"
    let spec = """
      {"nnc": 1, "name": "g", "inputs": [{"name": "x", "type": "f32", "shape": [1]}], "outputs": ["y"], "nodes": [\(node)]}
      """
    for graph in [
      try Graph(
        parsing: "graph g {\n%x = Input : f32[1]\n%y = Elu(%x) {alpha: \(text)}\nreturn %y\n}", file: "case.nnc"),
      try graph(spec: spec),
    ] {
      #expect((graph[graph.outputs[0].value].op as? Elu)?.alpha == Float(1).nextUp)
    }
  }
}
