import Foundation
import IR
import Testing

import Host

@Suite struct NpzArchiveTests {
  private func read(_ bytes: [UInt8]) throws -> [(name: String, tensor: Tensor)] {
    try withTemporaryFolder { folder in
      try write(bytes, to: folder + "/a.npz")
      return try NpzArchive.read(folder + "/a.npz")
    }
  }

  private func archive(_ tensors: [(name: String, tensor: Tensor)], _ compression: NpzArchive.Compression) throws
    -> [UInt8]
  {
    try withTemporaryFolder { folder in
      try NpzArchive.write(folder + "/a.npz", tensors, compression: compression)
      return try contents(ofFile: folder + "/a.npz")
    }
  }

  /// Little-endian bytes.
  private func bytes(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// What `numpy.savez_compressed` writes for `x = arange(6, float32) (2, 3)`, `label = ["a", "bc"]` and `y = 7 (>i8)`.
  private static let compressed = """
    UEsDBC0AAAAIAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9U\
    UpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYwaLAHEg5ABMQNQLzAAQBQSwMELQAAAAgAAAAhAHBHbZb//////////wkAFABsYWJl\
    bC5ucHkBABAAkAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG4TaqSuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoK\
    tQoUAK5EBghIAuJkIAYAUEsDBC0AAAAIAAAAIQAb+H5+//////////8FABQAeS5ucHkBABAAiAAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc\
    pG6loG6XaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5Gpo6CrUKFAEuBghgBwBQSwECLQMtAAAACAAAACEAT+kAKlUAAACYAAAABQAAAAAA\
    AAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAcEdtlk0AAACQAAAACQAAAAAAAAAAAAAAgAGMAAAAbGFiZWwubnB5UEsBAi0DLQAAAAgAAAAh\
    ABv4fn5GAAAAiAAAAAUAAAAAAAAAAAAAAIABFAEAAHkubnB5UEsFBgAAAAADAAMAnQAAAJEBAAAAAA==
    """

  /// An archive that was written as a stream, whose sizes stand behind the data: `v = arange(4, uint8)` and a text file.
  private static let streamed = """
    UEsDBBQACAAIAAQudV0AAAAAAAAAAAAAAAAFAAAAdi5ucHmb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ck\
    FqQC+RomOpo6CrUKFAAuBkYmZgBQSwcIJAPeWEgAAACEAAAAUEsDBBQACAAIAAQudV0AAAAAAAAAAAAAAAAJAAAAbm90ZXMudHh0y0jNyckHAFBLBwiG\
    phA2BwAAAAUAAABQSwECFAMUAAgACAAELnVdJAPeWEgAAACEAAAABQAAAAAAAAAAAAAAgAEAAAAAdi5ucHlQSwECFAMUAAgACAAELnVdhqYQNgcAAAAF\
    AAAACQAAAAAAAAAAAAAAgAF7AAAAbm90ZXMudHh0UEsFBgAAAAACAAIAagAAALkAAAAAAA==
    """

  @Test func readsWhatNumPyWrites() throws {
    let arrays = try read(Array(try #require(Data(base64Encoded: Self.compressed))))
    #expect(arrays.map(\.name) == ["x", "y"])
    #expect(arrays.map(\.tensor) == [Tensor([Float(0), 1, 2, 3, 4, 5], shape: [2, 3]), Tensor(scalar: Int64(7))])
    let streamed = try read(Array(try #require(Data(base64Encoded: Self.streamed))))
    #expect(streamed.map(\.name) == ["v"] && streamed.map(\.tensor) == [Tensor([UInt8(0), 1, 2, 3])])
  }

  @Test(arguments: [NpzArchive.Compression.stored, .deflated])
  func roundTrips(_ compression: NpzArchive.Compression) throws {
    let bytes = try archive(samples, compression)
    let arrays = try read(bytes)
    #expect(arrays.map(\.name) == samples.map(\.name) && arrays.map(\.tensor) == samples.map(\.tensor))
    #expect(try archive(samples, compression) == bytes)
    #expect(try read(archive([], compression)).isEmpty)
    if compression == .deflated { #expect(bytes.count < 40_000) }
  }

  @Test func readsZIP64AndComments() throws {
    let plain = try archive([("a", Tensor([UInt8](0..<8)))], .stored)
    let (directory, end) = (plain.count - 22 - 46 - 5, plain.count - 22)
    // The entry's sizes and place move to its extra field, and those of the directory to a record of their own.
    let (size, extraCount) = (directory - 35, 28)
    var entry = Array(plain[directory..<end])
    entry.replaceSubrange(20..<28, with: [UInt8](repeating: 255, count: 8))
    entry.replaceSubrange(30..<32, with: bytes(extraCount + 4, 2))
    entry.replaceSubrange(42..<46, with: [UInt8](repeating: 255, count: 4))
    entry += [7, 7, 0, 0] + bytes(1, 2) + bytes(24, 2) + bytes(size, 8) + bytes(size, 8) + bytes(0, 8)
    let record =
      bytes(0x0606_4b50, 4) + bytes(44, 8) + bytes(45, 2) + bytes(45, 2) + bytes(0, 8) + bytes(1, 8) + bytes(1, 8)
    let place =
      bytes(entry.count, 8) + bytes(directory, 8) + bytes(0x0706_4b50, 4) + bytes(0, 4)
      + bytes(directory + entry.count, 8) + bytes(1, 4)
    let last =
      bytes(0x0605_4b50, 4) + bytes(0, 4) + [UInt8](repeating: 255, count: 12) + bytes(5, 2) + Array("hello".utf8)
    let arrays = try read(plain[..<directory] + entry + record + place + last)
    #expect(arrays.map(\.tensor) == [Tensor([UInt8](0..<8))])
  }

  @Test func refusesDamage() throws {
    for compression in [NpzArchive.Compression.stored, .deflated] {
      let whole = try archive([("a", Tensor([Float(1), 2, 3])), ("b", Tensor([Int8(4)]))], compression)
      for count in 0..<whole.count {
        #expect(try diagnostic { _ = try read(Array(whole[..<count])) } != nil, "\(count) bytes")
      }
      var flipped = whole
      flipped[35 + 10] ^= 1
      #expect(try diagnostic { _ = try read(flipped) } != nil)
    }
    var stored = try archive([("a", Tensor([Float(1), 2, 3]))], .stored)
    stored[35 + 128] ^= 1
    #expect(try diagnostic { _ = try read(stored) }?.contains("array 'a': the data are damaged (their CRC-32") == true)
  }

  @Test func refusesClaims() throws {
    func found(_ compression: NpzArchive.Compression = .deflated, _ change: (inout [UInt8], _ directory: Int) -> Void)
      throws -> String
    {
      var file = try archive(
        [("a", Tensor([Float](repeating: 0, count: 1000))), ("b", Tensor([UInt8(1)]))], compression)
      let directory = file.count - 22 - 2 * (46 + 5)
      change(&file, directory)
      return try diagnostic { _ = try read(file) } ?? "no error"
    }
    #expect(
      try found { $0.replaceSubrange($1 + 24..<$1 + 28, with: [255, 255, 255, 127]) }.contains(
        "compressed bytes cannot be 2147483647 bytes"))
    #expect(
      try found { $0.replaceSubrange($1 + 24..<$1 + 28, with: bytes(20_000, 4)) }.contains(
        "f32[1000] takes 4000 bytes, but the archive has 19872"))
    #expect(
      try found { $0.replaceSubrange($1 + 20..<$1 + 24, with: bytes(1 << 30, 4)) }.contains("do not lie in the file"))
    #expect(
      try found(.stored) { $0.replaceSubrange($1 + 20..<$1 + 24, with: bytes(5, 4)) }.contains(
        "the two sizes of entry 'a.npy' differ"))
    #expect(
      try found { $0.replaceSubrange($1 + 42..<$1 + 46, with: bytes(77, 4)) }.contains(
        "is not where the directory says"))
    #expect(
      try found { $0.replaceSubrange($1 + 51 + 42..<$1 + 51 + 46, with: bytes(0, 4)) }.contains(
        "entry 'b.npy' overlaps"))
    #expect(try found { $0[$1 + 51 + 46] = UInt8(ascii: "a") }.contains("there are two entries 'a.npy'"))
    #expect(try found { $0[$1 + 46] = 0xff }.contains("is not UTF-8"))
    #expect(try found { $0[$1 + 8] |= 1 }.contains("is encrypted"))
    #expect(try found { $0[$1 + 10] = 12 }.contains("compressed by method 12"))
    #expect(
      try found { file, _ in file.replaceSubrange(file.count - 12..<file.count - 10, with: [255, 255]) }.contains(
        "its directory does not fit"))
    #expect(
      try found { file, _ in file.replaceSubrange(file.count - 6..<file.count - 2, with: [255, 255, 255, 255]) }
        .contains("its directory does not fit"))
    #expect(try found { file, _ in file = Array("hello".utf8) }.contains("this is not an .npz file: it has 5 bytes"))
    #expect(
      try found { file, _ in file = [UInt8](repeating: 1, count: 100) }.contains("does not end as a ZIP archive does"))
  }

  @Test func refusesTwoTensorsOfOneName() throws {
    let tensor = Tensor([Float(1)])
    #expect(
      try diagnostic { _ = try archive([("a", tensor), ("a", tensor)], .stored) }?.contains(
        "there are two tensors 'a' to write") == true)
  }

  @Test func readingNeverCrashes() throws {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let files = [
      try archive([("a", Tensor([Float(1), 2, 3])), ("b", Tensor([Int8(4)]))], .stored),
      Array(try #require(Data(base64Encoded: Self.compressed))),
      Array(try #require(Data(base64Encoded: Self.streamed))),
    ]
    var accepted = 0
    for round in 0..<1500 {
      var file = files[round % files.count]
      for _ in 0...next(3) {
        switch next(3) {
        case 0: file[next(file.count)] = UInt8(next(256))
        case 1: file[next(file.count)] = [0, 1, 127, 128, 255][next(5)]
        default: file.remove(at: next(file.count))
        }
      }
      if try diagnostic({ _ = try read(file) }) == nil { accepted += 1 }
    }
    #expect((1..<1400).contains(accepted))
  }
}
