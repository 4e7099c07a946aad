/// The sums of a convolution, on data whose channels lie innermost.
///
/// All convolutions of the IR bring their operands into this order; so the arithmetic is written once.
struct Convolution {
  /// How the kernel moves.
  let window: Window
  /// How many samples there are.
  let batch: Int
  /// The numbers of channels of the data and of the result.
  let inputs: Int, outputs: Int
  /// Into how many independent groups both are divided.
  let group: Int

  /// Returns the sums [batch, positions, outputs] for data [batch, elements, inputs] and weights
  /// [group, taps, inputs / group, outputs / group].
  func sums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number]) -> [Number] {
    let (fanIn, fanOut) = (inputs / group, outputs / group)
    return accumulate(data, weights) { taps, data, weights, sums in
      for groupIndex in 0..<group {
        let sums = UnsafeMutableBufferPointer(rebasing: sums[groupIndex * fanOut..<(groupIndex + 1) * fanOut])
        for (tap, element) in taps.enumerated() where element >= 0 {
          for channel in 0..<fanIn {
            let row = ((groupIndex * taps.count + tap) * fanIn + channel) * fanOut
            let factor = data[element * inputs + groupIndex * fanIn + channel]
            addProduct(factor, UnsafeBufferPointer(rebasing: weights[row..<row + fanOut]), to: sums)
          }
        }
      }
    }
  }

  /// Returns the sums [batch, positions, channels] for data [batch, elements, channels] and weights [taps, channels],
  /// where each channel is a group.
  func depthwiseSums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number]) -> [Number] {
    accumulate(data, weights) { taps, data, weights, sums in
      for (tap, element) in taps.enumerated() where element >= 0 {
        let row = UnsafeBufferPointer(rebasing: data[element * inputs..<(element + 1) * inputs])
        let factors = UnsafeBufferPointer(rebasing: weights[tap * inputs..<(tap + 1) * inputs])
        for channel in row.indices { sums[channel] += row[channel] * factors[channel] }
      }
    }
  }

  private typealias Body<Number> = (
    _ taps: [Int], _ data: UnsafeBufferPointer<Number>, _ weights: UnsafeBufferPointer<Number>,
    _ sums: UnsafeMutableBufferPointer<Number>
  ) -> Void

  /// Calls `body` for each sample and position, with the data of the sample and the sums to add to.
  private func accumulate<Number: Numeric & BitwiseCopyable>(
    _ data: [Number], _ weights: [Number], _ body: Body<Number>
  ) -> [Number] {
    let (positions, elements) = (window.outputCount, window.inputCount)
    var sums = [Number](repeating: 0, count: batch * positions * outputs)
    guard !sums.isEmpty else { return sums }
    data.withUnsafeBufferPointer { data in
      weights.withUnsafeBufferPointer { weights in
        sums.withUnsafeMutableBufferPointer { sums in
          window.forEachPosition { position, taps in
            for sample in 0..<batch {
              let first = sample * elements * inputs
              let row = (sample * positions + position) * outputs
              body(
                taps, UnsafeBufferPointer(rebasing: data[first..<first + elements * inputs]), weights,
                UnsafeMutableBufferPointer(rebasing: sums[row..<row + outputs]))
            }
          }
        }
      }
    }
    return sums
  }
}

/// Adds `factor` times each element of `row` to the sum at its place.
@inline(__always)
func addProduct<Number: Numeric & BitwiseCopyable>(
  _ factor: Number, _ row: UnsafeBufferPointer<Number>, to sums: UnsafeMutableBufferPointer<Number>
) {
  for index in row.indices { sums[index] += factor * row[index] }
}

extension [Double] {
  /// The elements of `count` matrices of `rows` times `columns`, each transposed.
  func transposed(count: Int, rows: Int, columns: Int) -> [Double] {
    var result = self
    let size = rows * columns
    for matrix in 0..<count {
      for row in 0..<rows {
        let first = matrix * size + row * columns
        for column in 0..<columns { result[matrix * size + column * rows + row] = self[first + column] }
      }
    }
    return result
  }
}
