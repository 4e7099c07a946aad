import IR
import Passes

/// A network with two convolutions, as it comes from a model and as passes leave it.
enum SmallNetwork {
  static let text = """
    graph cnn28 {
      %x = Input : f32[1x1x28x28]
      %w1 = Constant random(1) : f32[8x1x3x3]
      %b1 = Constant random(2) : f32[8]
      %c1 = Conv(%x, %w1, %b1) {pads: [1, 1, 1, 1]}
      %r1 = Relu(%c1)
      %p1 = MaxPool(%r1) {kernel_shape: [2, 2], strides: [2, 2]}
      %w2 = Constant random(3) : f32[16x8x3x3]
      %b2 = Constant random(4) : f32[16]
      %c2 = Conv(%p1, %w2, %b2) {pads: [1, 1, 1, 1]}
      %r2 = Relu(%c2)
      %g = GlobalAveragePool(%r2)
      %f = Flatten(%g)
      %w3 = Constant random(5) : f32[16x10]
      %b3 = Constant random(6) : f32[10]
      %d = Gemm(%f, %w3, %b3)
      %y = Softmax(%d)
      return %y
    }
    """

  static func graph(fused: Bool) throws -> Graph {
    let graph = try Graph(parsing: text, file: "cnn28.nnc")
    return fused ? try Pipeline.standard.run(graph) : graph
  }
}
