import IR
import Testing

/// Weights without their zeros: what they stand for, which places are smaller, and which layers get them.
@Suite struct SparseTests {
  /// Some floats of which about a share are not zero.
  private func floats(_ count: Int, share: Double, seed: UInt64) -> [Float] {
    let random = Tensor(random: TensorType(.f64, [2 * count]), seed: seed).reals
    return (0..<count).map { (random[2 * $0] + 1) / 2 < share ? Float(random[2 * $0 + 1]) : 0 }
  }

  @Test(arguments: [0.001, 0.01, 0.1, 0.5, 1])
  func weightsComeBackExactly(share: Double) throws {
    let (rows, columns) = (40, 77)
    let elements = floats(rows * columns, share: share, seed: 3)
    let matrix = SparseMatrix(elements, rows: rows, columns: columns)
    #expect(matrix.elements == elements)
    let identity = Tensor(
      (0..<columns * columns).map { Float($0 % (columns + 1) == 0 ? 1 : 0) }, shape: [columns, columns])
    for places in [matrix.bits, try #require(matrix.gaps)] {
      var graph = Graph(name: "g")
      let operands = try [identity, matrix.valueTensor, places].map { try graph.add(Constant($0), [])[0] }
      var op = SparseDense()
      op.outputFeatures = rows
      graph.outputs = [("y", try graph.add(op, operands)[0])]
      let result: [Float] = try graph.evaluate([:])[0].elements()
      for index in result.indices { #expect(result[index] == elements[index % rows * columns + index / rows]) }
    }
  }

  @Test func negativeZerosAreValues() {
    #expect(SparseMatrix([0, -0.0, 1], rows: 1, columns: 3).places == [1, 2])
  }

  @Test(arguments: [
    ("[1, 2] : f32[2]", "[1, -1, -1, -1] : bit[2x2]", "there are 2 values, but 1 places"),
    ("[1] : f32[1]", "[0, 1] : u8[2]", "the gaps do not lead to the end of a matrix of 2 x 2"),
    ("[1] : f32[1]", "[0, 3, 0] : u8[3]", "the gaps do not lead to the end of a matrix of 2 x 2"),
    ("[1] : f32[1]", "[0, 3] : i8[2]", "places have elements of type i8, but should be bits, or gaps of type u8"),
    ("[1] : f32[1]", "[1, -1] : bit[2x1]", "places has shape [2x1], but should have [2x2]"),
    ("[1] : f64[1]", "[0, 3] : u8[2]", "values have elements of type f64, but should have f32"),
  ])
  func faultsAreFound(values: String, places: String, message: String) {
    let text = """
      graph g {
        %x = Input : f32[2]
        %v = Constant \(values)
        %p = Constant \(places)
        %y = SparseDense(%x, %v, %p) {output_features: 2}
        return %y
      }
      """
    let error = #expect(throws: Diagnostic.self) { try Graph(parsing: text, file: "g.nnc") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "nothing")")
  }

  @Test func gapsAreSmallerWhereFewWeightsAreLeft() {
    let few = SparseMatrix(floats(6400, share: 0.05, seed: 1), rows: 64, columns: 100)
    let many = SparseMatrix(floats(6400, share: 0.5, seed: 1), rows: 64, columns: 100)
    #expect(few.smallestPlaces.element == .u8 && many.smallestPlaces.element == .bit)
    #expect(few.byteCount == 4 * few.values.count + few.gaps!.type.byteCount)
    #expect(many.byteCount == 4 * many.values.count + 64 * 16)
  }
}
