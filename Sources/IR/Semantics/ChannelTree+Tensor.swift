/// The forms of trees that kernels take.
///
/// A tree of channels is a list of i16: for each step a number, with the slot that it goes on from in 6 bits, the one that it
/// fills in the next 6, and then a bit that is set where the step lies between three channels; and the channel, or the three: each
/// twice its number, and one more where it is inverted.
///
/// A tree that carries what it changes is a list of u8: for each step both slots; the channel in two bytes, as above, or 0xFFFF; in
/// two bytes each how many weights become +1 and -1, with the highest bit set where gaps take two bytes; and the gaps of both
/// lists, from each number to the next, the first from 0.
extension ChannelTree {
  private static let between = 1 << 12
  fileprivate static let noChannel = 0xFFFF
  private static let hasPairs = 0x8000

  /// Reads a tree.
  public init(_ tensor: Tensor, channels: Int) throws(Diagnostic) {
    try self.init(
      tensor.element == .u8 ? Self.steps(tensor.elements(as: UInt8.self)) : Self.steps(tensor.elements(as: Int16.self)),
      channels: channels)
  }

  private static func steps(_ numbers: [Int16]) throws(Diagnostic) -> [Step] {
    var rest = numbers.map(Int.init)[...]
    var steps: [Step] = []
    while let head = rest.popFirst() {
      let count = head & between == 0 ? 1 : 3
      let numbers = rest.prefix(count)
      try require(
        0..<2 * between ~= head && numbers.count == count && !numbers.contains { $0 < 0 },
        "the tree has no step \(steps.count): \(head) \(numbers.map(String.init).joined(separator: " "))")
      rest = rest.dropFirst(numbers.count)
      let rows = numbers.map(Row.init(code:))
      steps.append(Step(from: head & 63, to: head >> 6 & 63, count == 1 ? .channel(rows[0]) : .most(rows)))
    }
    return steps
  }

  private static func steps(_ bytes: [UInt8]) throws(Diagnostic) -> [Step] {
    var rest = bytes[...]
    var steps: [Step] = []
    func take(pairs: Bool) throws(Diagnostic) -> Int {
      try require(rest.count >= (pairs ? 2 : 1), "the tree ends within step \(steps.count)")
      let low = Int(rest.removeFirst())
      return pairs ? low | Int(rest.removeFirst()) << 8 : low
    }
    func list(_ head: Int) throws(Diagnostic) -> [Int] {
      var (list, number): ([Int], Int) = ([], 0)
      for _ in 0..<head & ~hasPairs {
        number += try take(pairs: head & hasPairs != 0)
        list.append(number)
      }
      return list
    }
    while !rest.isEmpty {
      let (from, to) = (try take(pairs: false), try take(pairs: false))
      let (code, added, removed) = (try take(pairs: true), try take(pairs: true), try take(pairs: true))
      let row = code == noChannel ? nil : Row(code: code)
      steps.append(Step(from: from, to: to, .changed(row, added: try list(added), removed: try list(removed))))
    }
    return steps
  }

  /// The form that kernels take.
  public var tensor: Tensor {
    carriesWeights
      ? Tensor(steps.flatMap(\.bytes))
      : Tensor(
        steps.flatMap { step -> [Int16] in
          guard case .most(let rows) = step.source else {
            return [Int16(step.from | step.to << 6), Int16(step.channel!.code)]
          }
          return [Int16(step.from | step.to << 6 | Self.between)] + rows.map { Int16($0.code) }
        })
  }

  fileprivate static func list(_ numbers: [Int]) -> (head: Int, bytes: [UInt8]) {
    let gaps = zip(numbers, [0] + numbers).map { $0 - $1 }
    guard gaps.contains(where: { $0 > 255 }) else { return (numbers.count, gaps.map { UInt8($0) }) }
    return (numbers.count | hasPairs, gaps.flatMap(pair))
  }

  fileprivate static func pair(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }
}

extension ChannelTree.Row {
  fileprivate var code: Int { channel * 2 + (isInverted ? 1 : 0) }
  fileprivate init(code: Int) { self.init(code / 2, isInverted: code % 2 == 1) }
}

extension ChannelTree.Step {
  fileprivate var bytes: [UInt8] {
    guard case .changed(let row, let added, let removed) = source else { return [] }
    let lists = [ChannelTree.list(added), ChannelTree.list(removed)]
    let numbers = [row?.code ?? ChannelTree.noChannel] + lists.map(\.head)
    return [UInt8(from), UInt8(to)] + numbers.flatMap(ChannelTree.pair) + lists.flatMap(\.bytes)
  }
}
