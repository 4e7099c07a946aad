/// The order in which the weights of binary layers lie in memory.
///
/// Each output channel has a row of bits for its inputs [kh, kw, channels], without gaps, in whole words. The rows of
/// `width` neighbours make a panel, the last one of a group narrower if need be: [group][panel][word][lane]. So a kernel
/// that computes `width` results at a time reads words one after the other.
public struct BitPanels {
  /// How many channels the result has.
  public let outputs: Int
  /// Into how many independent groups channels are divided.
  public let group: Int
  /// How many weights a channel has.
  public let inputs: Int
  /// How many channels make a panel.
  public let width: Int

  /// Creates the order for a layer.
  public init(outputs: Int, group: Int = 1, inputs: Int, width: Int) {
    (self.outputs, self.group, self.inputs, self.width) = (outputs, group, inputs, width)
  }

  /// How many words the row of a channel takes.
  public var wordsInRow: Int { Shape.wordCount(ofBits: inputs) }

  /// The type of all weights: a row for each word.
  public var type: TensorType { TensorType(.bit, [outputs * wordsInRow, 32]) }

  /// The place of a bit among those of all weights.
  func place(output: Int, input: Int) -> Int {
    let fanOut = outputs / group
    let (panel, lane) = (output % fanOut / width * width, output % fanOut % width)
    let first = (output / fanOut * fanOut + panel) * wordsInRow
    return (first + input / 32 * min(width, fanOut - panel) + lane) * 32 + input % 32
  }

  /// Whether the bits behind the last weight of each row are clear, which kernels count on.
  func hasClearRest(_ weights: Tensor) -> Bool {
    let rest = inputs..<wordsInRow * 32
    guard !rest.isEmpty else { return true }
    return weights.withUnsafeBytes { bytes in
      (0..<outputs).allSatisfy { output in
        let first = place(output: output, input: inputs)
        return rest.indices.allSatisfy { index in
          let place = first + index - inputs
          return bytes[place / 8] >> UInt8(place % 8) & 1 == 0
        }
      }
    }
  }

  /// Returns filters [outputs, channels, kh, kw], of which all that are not negative are set, in this order.
  public func pack(_ filters: Tensor) -> Tensor {
    let (channels, taps) = (filters.shape[1], filters.shape[2] * filters.shape[3])
    var codes = [UInt8](repeating: 0, count: type.elementCount)
    for (index, weight) in filters.reals.enumerated() where weight >= 0 {
      let (output, input) = (index / inputs, index % inputs)
      codes[place(output: output, input: input % taps * channels + input / taps)] = 1
    }
    return Tensor(type, codes: codes)
  }

  /// Returns weights in this order, those of some channels as their opposite.
  public func negating(_ weights: Tensor, _ isNegated: [Bool]) -> Tensor {
    var codes = weights.codes
    for output in 0..<outputs where isNegated[output] {
      for input in 0..<inputs { codes[place(output: output, input: input)] ^= 1 }
    }
    return Tensor(type, codes: codes)
  }

  /// Returns weights in this order in that of panels of another width.
  public func repacked(_ weights: Tensor, width: Int) -> Tensor {
    let other = BitPanels(outputs: outputs, group: group, inputs: inputs, width: width)
    let old = weights.codes
    var codes = [UInt8](repeating: 0, count: type.elementCount)
    for output in 0..<outputs {
      for input in 0..<inputs {
        codes[other.place(output: output, input: input)] = old[place(output: output, input: input)]
      }
    }
    return Tensor(type, codes: codes)
  }

  /// For all channels together, how many weights are set, or clear where those are fewer.
  public func addedCount(_ weights: Tensor) -> Int {
    let codes = weights.codes
    return (0..<outputs).reduce(0) { sum, output in
      let count = (0..<inputs).count { codes[place(output: output, input: $0)] == 1 }
      return sum + min(count, inputs - count)
    }
  }

  /// Returns the weights, +1 and -1, as matrices [group][input][output].
  func unpack(_ weights: Tensor) -> [Int32] {
    let (codes, fanOut) = (weights.codes, outputs / group)
    var result = [Int32](repeating: -1, count: outputs * inputs)
    for output in 0..<outputs {
      for input in 0..<inputs where codes[place(output: output, input: input)] == 1 {
        result[(output / fanOut * inputs + input) * fanOut + output % fanOut] = 1
      }
    }
    return result
  }
}
