import IR

extension Benchmark {
  /// What a benchmark has measured.
  public struct Measurement: Equatable, Sendable {
    /// How long something takes, over many samples, in nanoseconds.
    public struct Times: Equatable, Sendable {
      /// How many samples there are.
      public let samples: Int
      /// The least that it took.
      public let fastest: Double
      /// What a quarter of the samples do not exceed.
      public let lowerQuartile: Double
      /// What half of the samples do not exceed.
      public let median: Double
      /// What three quarters of the samples do not exceed.
      public let upperQuartile: Double
      /// The mean of the samples between the quartiles: where the clock ticks rarely, finer than the median.
      public let middle: Double
    }

    /// A run; where several together make a sample, their mean.
    public let whole: Times
    /// How many runs make a sample of `whole`.
    public let runsPerSample: Int
    /// Each step; none where steps were not timed.
    public let steps: [Times]
    /// What a run takes after its last step; nil where steps were not timed.
    public let rest: Times?
    /// What it takes to tell the time, which is taken off the times of steps, in nanoseconds.
    public let clock: Double
    /// How many products of f32 the machine adds in a second, on one thread.
    public let productsPerSecond: Double
    /// How many bytes it reads in a second, on one thread, of as many as the model works on.
    public let bytesPerSecond: Double

    /// Reads what the program has printed; bench.c says what that is.
    ///
    /// - Throws: A diagnostic if that is something else.
    package init(_ text: String) throws {
      var (numbers, times, steps): ([String: Double], [String: Times], [Times]) = ([:], [:], [])
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        let values = words.compactMap { Double($0) }
        switch words.first {
        case "step" where values.count == 7: steps.append(Times(values.dropFirst()))
        case "whole" where values.count == 6, "rest" where values.count == 6:
          times[String(words[0])] = Times(values[...])
        case let name? where words.count == 2 && values.count == 1: numbers[String(name)] = values[0]
        default: throw Diagnostic("the program that times the model printed '\(line)', which is no measurement")
        }
      }
      guard let whole = times["whole"], let runs = numbers["runs"], let clock = numbers["clock"],
        let products = numbers["products"], let bytes = numbers["bytes"]
      else { throw Diagnostic("the program that times the model ended before it had printed all measurements") }
      (self.whole, self.steps, rest) = (whole, steps, times["rest"])
      (runsPerSample, self.clock, productsPerSecond, bytesPerSecond) = (Int(runs), clock, products, bytes)
    }
  }
}

extension Benchmark.Measurement.Times {
  /// The numbers of a line: how many samples, then the figures in the order of the properties.
  fileprivate init(_ values: ArraySlice<Double>) {
    let figures = Array(values)
    self.init(
      samples: Int(figures[0]), fastest: figures[1], lowerQuartile: figures[2], median: figures[3],
      upperQuartile: figures[4], middle: figures[5])
  }
}
