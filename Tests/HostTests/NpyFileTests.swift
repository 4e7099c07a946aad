import IR
import Testing

import Host

@Suite struct NpyFileTests {
  private func read(_ bytes: [UInt8]) throws -> Tensor {
    try withTemporaryFolder { folder in
      try write(bytes, to: folder + "/a.npy")
      return try NpyFile.read(folder + "/a.npy")
    }
  }

  @Test func roundTrips() throws {
    try withTemporaryFolder { folder in
      for (_, tensor) in samples {
        try NpyFile.write(folder + "/a.npy", tensor)
        #expect(try NpyFile.read(folder + "/a.npy") == tensor)
      }
      try NpyFile.write(folder + "/a.npy", Tensor(TensorType(.bf16, [2]), reals: [1, -2.5]))
      #expect(try NpyFile.read(folder + "/a.npy") == Tensor([Float(1), -2.5]))
      try NpyFile.write(folder + "/a.npy", Tensor(TensorType(.f8e5m2, [2]), reals: [1, -.infinity]))
      #expect(try NpyFile.read(folder + "/a.npy") == Tensor([Float(1), -.infinity]))
      try NpyFile.write(folder + "/a.npy", Tensor(TensorType(.i4, [3]), integers: [-8, 7, -1]))
      #expect(try NpyFile.read(folder + "/a.npy") == Tensor([Int8(-8), 7, -1]))
      try NpyFile.write(folder + "/a.npy", Tensor(TensorType(.u2, [3]), integers: [0, 3, 1]))
      #expect(try NpyFile.read(folder + "/a.npy") == Tensor([UInt8(0), 3, 1]))
      #expect(
        try diagnostic { try NpyFile.write(folder + "/b.npy", Tensor(TensorType(.bit, [8])) { $0[0] = 1 }) }?.contains(
          "bit[8]") == true)
    }
  }

  @Test func writesWhatNumPyWrites() throws {
    try withTemporaryFolder { folder in
      try NpyFile.write(folder + "/a.npy", Tensor([Int32(1), -2], shape: [2]))
      let header =
        "\u{1}\u{0}v\u{0}{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }" + String(repeating: " ", count: 60)
        + "\n"
      #expect(
        try contents(ofFile: folder + "/a.npy") == [0x93] + Array("NUMPY".utf8) + Array(header.utf8) + [
          1, 0, 0, 0, 254, 255, 255, 255,
        ])
    }
  }

  @Test func readsEveryVersionAndOrder() throws {
    let data: [UInt8] = [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]
    for version in 1...3 as ClosedRange<UInt8> {
      #expect(
        try read(npy(dictionary(">i2", "(2, 3)"), data, version: version))
          == Tensor([Int16(1), 2, 3, 4, 5, 6], shape: [2, 3]))
    }
    #expect(
      try read(npy(dictionary(">u2", "(2, 3)", fortran: true), data))
        == Tensor([UInt16(1), 3, 5, 2, 4, 6], shape: [2, 3]))
    let cube = try read(npy(dictionary("|i1", "(2L, 3L, 2L)", fortran: true), [UInt8](0..<12)))
    #expect(cube == Tensor([Int8(0), 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11], shape: [2, 3, 2]))
    #expect(try read(npy(dictionary("=f4", "()"), [0, 0, 128, 63])) == Tensor(scalar: Float(1)))
    #expect(try read(npy(#"{"shape":(1,),"fortran_order":False,"descr":"|b1"}"#, [1])) == Tensor([true]))
  }

  @Test(
    arguments: [
      (dictionary("<f4", "(3,)"), [0, 0, 0, 0], "f32[3] takes 12 bytes, but there are 4"),
      (dictionary("<f4", "(1,)"), [0, 0, 0, 0, 0], "f32[1] takes 4 bytes, but there are 5"),
      (dictionary("<f4", "(9223372036854775807, 9223372036854775807)"), [], "too large"),
      (dictionary("<f4", "(0, 9223372036854775807, 9223372036854775807)", fortran: true), [], "too large"),
      (dictionary("<f4", "(99999999999999999999,)"), [], "expected an extent"),
      (dictionary("<f4", "(-1,)"), [], "expected an extent"),
      (dictionary("<f4", "(\(String(repeating: "1,", count: 65)))"), [0, 0, 0, 0], "at most 64 axes"),
      (dictionary("|O", "(1,)"), [0], "objects of Python are not read"),
      (dictionary("<c8", "(1,)"), [0], "complex numbers are not supported"),
      (dictionary("|V2", "(1,)"), [0, 0], "bf16 and records have no type"),
      (dictionary("|f4", "(1,)"), [0, 0, 0, 0], "elements of type '|f4'"),
      (dictionary("<f5", "(1,)"), [0, 0, 0, 0], "the types are f4, f8"),
      (dictionary("", "(1,)"), [], "elements of type ''"),
      (dictionary("<U3", "(1,)"), [UInt8](repeating: 0, count: 12), "an array of text"),
      (dictionary("|b1", "(2,)"), [1, 2], "a bool is 0 or 1, but the array has the byte 2"),
      ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", [], "arrays of records are not supported"),
      ("{'descr': '<f4', 'shape': (1,)}", [0, 0, 0, 0], "it should have descr, fortran_order and shape"),
      ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", [], "given twice"),
      ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", [], "expected 'False'"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1", [], "after the dictionary"),
      ("{'descr': '<f4", [], "expected a plain string"), ("{'x': 1}", [], "unknown key 'x'"),
      ("{", [], "expected a string"),
    ] as [(String, [UInt8], String)])
  func refuses(_ header: String, _ data: [UInt8], _ message: String) throws {
    let found = try diagnostic { _ = try read(npy(header, data)) }

    #expect(found?.contains(message) == true, "\(found ?? "no error")")
  }

  @Test func refusesTruncatedAndForeignFiles() throws {
    let whole = npy(dictionary("<f4", "(2,)"), [UInt8](repeating: 0, count: 8), version: 2)
    for count in 0..<whole.count {
      #expect(try diagnostic { _ = try read(Array(whole[..<count])) } != nil, "\(count) bytes")
    }
    var claim = whole
    claim.replaceSubrange(8..<12, with: [255, 255, 255, 127])
    #expect(try diagnostic { _ = try read(claim) }?.contains("the header claims 2147483659 bytes") == true)
    claim[6] = 4
    #expect(try diagnostic { _ = try read(claim) }?.contains("version 4.0; versions 1 to 3 are read") == true)
  }
}
