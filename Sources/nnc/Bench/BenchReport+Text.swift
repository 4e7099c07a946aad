import IR

extension BenchReport {
  /// The report for people who read it in a terminal.
  var text: String {
    var text = "\(model.quotedUnlessWord), timed by nnc \(nncVersion)\n\n"
    for (title, line) in summary { text += title + String(repeating: " ", count: 9 - title.count) + line + "\n" }
    guard let rest else { return text }
    let sum = steps.reduce(rest.middle) { $0 + $1.time.middle }
    text +=
      "\nSteps; \(decimal(clock)) µs that it takes to tell the time are taken off each.\n\n" + stepTable(rest, sum)
    text += "\nThe sum is \(percent(sum / time.median)) of what a run takes without the clock.\n"
    return text + "\nOperations\n\n" + operationTable(sum)
  }

  /// The whole model and the machine, line by line; a line without a title goes on with what the one before it is about.
  private var summary: [(title: String, text: String)] {
    let samples = runsPerSample == 1 ? "\(time.samples) runs" : "\(time.samples) samples of \(runsPerSample) runs"
    var lines = [
      ("time", "\(decimal(time.median)) µs, the median of \(samples)"),
      (
        "",
        "half of them took \(decimal(time.lowerQuartile)) to \(decimal(time.upperQuartile)), the fastest \(decimal(time.fastest))"
      ),
    ]
    if isUncertain { lines.append(("", "that is a wide range: other programs may be taking time from this one")) }
    lines.append(
      ("MACs", "\(macs), \(giga(macsPerSecond)) GMAC/s" + (shareOfPeak.map { ", \(percent($0)) of the peak" } ?? "")))
    lines.append(("arena", "\(arenaBytes) bytes"))
    if stateBytes > 0 { lines.append(("state", "\(stateBytes) bytes, kept from one run to the next")) }
    lines += [
      ("flash", "\(flashBytes) bytes of weights"),
      ("peak", "\(giga(peakMACsPerSecond)) GMAC/s of floats, and \(giga(readBytesPerSecond)) GB/s of reading"),
      ("", "as many bytes as the model works on, \(workingBytes); both on one thread"),
      ("machine", machine), ("target", target), ("compiler", build.compiler), ("", build.command),
    ]
    return lines
  }

  /// Whether the samples lie far apart.
  private var isUncertain: Bool { time.upperQuartile - time.lowerQuartile > 0.1 * time.median }

  private func stepTable(_ rest: Times, _ sum: Double) -> String {
    // Numbers of a column have as many places as make sense for their sum.
    let places = sum < 100 ? 3 : sum < 100_000 ? 2 : 1
    func time(_ time: Double) -> String { decimal(time, places: places) }
    func share(_ part: Double) -> String { sum > 0 ? percent(part / sum) : "" }
    func giga(_ number: Double?) -> String { number.map { decimal($0 / 1e9, places: 2) } ?? "" }
    var rows = [
      ["step", "name", "operation", "result", "µs", "share", "MACs", "GMAC/s", "of peak", "GB/s", "of reading"]
    ]
    for (index, step) in steps.enumerated() {
      rows.append([
        "\(index + 1)", step.name, step.operation, step.type, time(step.time.middle), percent(step.share),
        step.macs > 0 ? "\(step.macs)" : "", giga(step.macsPerSecond), step.shareOfPeak.map(percent) ?? "",
        giga(step.bytesPerSecond), step.shareOfReading.map(percent) ?? "",
      ])
    }
    rows.append(["", "after the last step", "", "", time(rest.middle), share(rest.middle)])
    rows.append(["", "sum", "", "", time(sum), share(sum)])
    return alignedTable(rows, numbers: [0, 4, 5, 6, 7, 8, 9, 10])
  }
}

extension BenchReport {
  /// The operations, those that take most of the time first.
  private func operationTable(_ sum: Double) -> String {
    let groups = Dictionary(grouping: steps, by: \.operation).map { name, steps in
      (
        name: name, count: steps.count, time: steps.reduce(0) { $0 + $1.time.middle },
        macs: steps.reduce(0) { $0 + $1.macs }
      )
    }
    let rows = groups.sorted { ($1.time, $0.name) < ($0.time, $1.name) }.map { group in
      [
        "  \(group.name)", "\(group.count)", decimal(group.time), sum > 0 ? percent(group.time / sum) : "",
        group.macs > 0 && group.time > 0 ? decimal(Double(group.macs) / group.time / 1e3, places: 2) : "",
      ]
    }
    return alignedTable([["  operation", "steps", "µs", "share", "GMAC/s"]] + rows, numbers: [1, 2, 3, 4])
  }
}

/// A number of billions.
private func giga(_ number: Double) -> String { decimal(number / 1e9) }

/// A share in percent, to one place.
func percent(_ share: Double) -> String { decimal(share * 100, places: 1) + " %" }

/// A number with four digits, at most three of them behind the point.
func decimal(_ number: Double) -> String {
  decimal(number, places: number < 10 ? 3 : number < 100 ? 2 : number < 100_000 ? 1 : 0)
}

private func decimal(_ number: Double, places: Int) -> String {
  let factor = (0..<places).reduce(1.0) { result, _ in result * 10 }
  let scaled = (number * factor).rounded()
  guard abs(scaled) < 1e15 else { return "\(number)" }
  let digits = String(Int(abs(scaled)))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = scaled < 0 ? "-" : ""
  return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}
