import IR
import Targets

/// What a convolution of bits is expected to cost in each form that it can have, in instructions.
struct BitLayerCosts {
  /// Counting bits of many channels in words.
  let words: Double
  /// Adding planes, a bit of many pixels in a word, with the transpositions there and back.
  let planes: Double

  /// A tree of channels, by its numbers.
  struct Tree {
    /// How many steps it has.
    var steps: Int
    /// How many weights they change, together.
    var changes: Int
    /// Whether steps carry what they change, so that rows of weights need not be compared.
    var carriesWeights: Bool
  }

  private let costs: BitCosts
  private let images: Double
  /// How many times planes of as many pixels as the processor takes at once are added, and in how many groups.
  private let chunks: Double, groups: Double
  private let wordsInRow: Double
  /// What is the same for all orders of channels.
  private let around: Double

  /// Estimates what a layer costs; nil if it cannot be computed on planes.
  init?(of layer: BinaryConv2D, _ node: Node, in graph: Graph, on target: Target) throws {
    let x = graph.type(of: node.inputs[0]!).shape
    let window = try layer.window(x)
    guard node.inputs.count > 2, layer.group == 1, window.axes.allSatisfy({ $0.stride == 1 }),
      layer.padding != 0 || !layer.pads.contains(where: { $0 > 0 }), x[0] > 0,
      let weights = graph.constant(node.inputs[1]), zip(window.outputShape, x[1..<3]).allSatisfy({ $0 <= $1 })
    else { return nil }
    let (panels, result) = (layer.panels(x), node.types[0].shape)
    costs = target.bitCosts
    (images, wordsInRow) = (Double(x[0]), Double(panels.wordsInRow))
    let pixels = Double(try layer.poolWindow(window).map { $0.outputCount * $0.tapCount } ?? window.outputCount)
    let channels = Double(layer.outputChannels)
    words = images * pixels * (wordsInRow * costs.copy + channels * (wordsInRow * costs.word + costs.sum))
    // The rows of an image lie without gaps, so lanes go from the first pixel of the result to the last.
    let lanes = (window.outputShape[0] - 1) * x[2] + window.outputShape[1]
    chunks = Double((lanes + target.laneBits - 1) / target.laneBits)
    groups = (chunks / Double(PlaneConv2D.chunksAtOnce(lanes: target.laneBits))).rounded(.up)
    let transpose = costs.transpose
    func squares(_ rows: Int, _ columns: Int) -> Double {
      Double(Shape.wordCount(ofBits: rows) * Shape.wordCount(ofBits: columns)) * transpose
    }
    around =
      squares(x[1] * x[2], x[3]) + squares(result[1] * result[2], result[3])
      + chunks * (Double(panels.inputs) * costs.shift + channels * costs.planeSum)
    let added = Double(panels.addedCount(weights))
    planes =
      images
      * (around + chunks * (channels * costs.planeList + added * costs.plane)
        + groups * (channels * wordsInRow * costs.row + added * costs.list))
  }

  /// Adding planes in the order of a tree.
  func tree(_ tree: Tree) -> Double {
    images * (around + Double(tree.steps) * step(tree.carriesWeights) + Double(tree.changes) * change)
  }

  /// How many weights less another step must leave to change, to pay.
  func priceOfStep(carriesWeights: Bool) -> Double { step(carriesWeights) / change }

  private func step(_ carriesWeights: Bool) -> Double {
    chunks * 2 * costs.planeList + (carriesWeights ? 0 : groups * wordsInRow * costs.row)
  }

  private var change: Double { chunks * costs.plane + groups * costs.list }
}

extension Double {
  /// A number of instructions, for people.
  var thousands: String { "\(Int((self / 1000).rounded(.up))) thousand" }
}
