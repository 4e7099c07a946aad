import IR

extension ScaledBits: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.result.name]
    c.call("nnc_scaled_bits", arrays + site.type(0).shape.map { "\($0)" })
  }
}

extension Site {
  /// What kernels take of a layer on floats whose weights are sums of bits: X, bits, factors, bias, offsets.
  fileprivate var bitLayerArrays: [String] {
    [operand(0).name, operand(1).name, operand(2).name, pointer(3), pointer(4), result.name, "(float *)scratch"]
  }
}

/// The bytes of floats that kernels of such a layer need: tables of the sums of 32 elements, and a sum for each row of bits.
private func scratchByteCount(_ bits: Shape, _ more: Int = 0) -> Int {
  TensorType(.f32, [128 + bits[0] * bits[1] + more]).byteCount
}

extension BitConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3, 4] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    let bits = operands.required(1).shape
    return CodegenC.scratchByteCount(bits, bits[2] + bits[1])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let arguments = site.bitLayerArrays + ["\(site.type(1).shape[0])"] + activation.arguments(alpha, beta, .f32, &c)
    c.call("nnc_bit_conv2d_f32", arguments, shape: "nnc_conv2d_shape", try pooledFields(site))
  }
}

extension BitDense: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3, 4] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    CodegenC.scratchByteCount(operands.required(1).shape)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, bits) = (site.type(0).shape, site.type(1).shape)
    let rows = x.elementCount(of: 0..<x.rank - 1)
    c.call(
      "nnc_bit_dense_f32", site.bitLayerArrays + ["\(rows)"] + activation.arguments(alpha, beta, .f32, &c),
      shape: "nnc_bit_shape", [("terms", bits[0]), ("channels", bits[1]), ("length", bits[2])])
  }
}
