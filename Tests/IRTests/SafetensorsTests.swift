import Testing

import IR

@Suite struct SafetensorsTests {
  private static let tensors: [(name: String, tensor: Tensor)] = [
    ("b", Tensor([true, false, true])), ("f", Tensor([Float(1), .nan, -0.0], shape: [3, 1])),
    ("s", Tensor(scalar: Int64.min)),
    ("e", Tensor([Double](), shape: [2, 0])), ("h", Tensor(TensorType(.bf16, [3]), reals: [1, -2, 0.5])),
    ("half", Tensor([Float16(1.5)])), ("bytes", Tensor([UInt8](0...6))), ("i \"\\\n💥", Tensor([Int16(-3)])),
    ("u", Tensor([UInt64.max])), ("f8", Tensor(TensorType(.f8e4m3fn, [3]), reals: [1, -448, .nan])),
    ("f4", Tensor(TensorType(.f4e2m1, [2, 2]), reals: [1, -6, 0.5, 0])),
  ]

  @Test func roundTrips() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try Safetensors.write(Self.tensors, metadata: [("made by", "a test")], to: path)
      let file = try Safetensors(path: path)
      #expect(file.entries.map(\.name) == Self.tensors.map(\.name))
      for (name, tensor) in Self.tensors { #expect(try file.tensor(named: name) == tensor) }
      #expect(file.metadata.map(\.key) == ["made by"] && file.metadata.map(\.value) == ["a test"])
      #expect(try file.tensor(named: "other") == nil)
      let length = try contents(ofFile: path).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
      #expect(length % 8 == 0)
    }
  }

  @Test func mapsAlignedTensorsInPlace() throws {
    let file = safetensors(
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#, data: bytes(Tensor([Float(1), 2])))
    let tensor = try #require(try Safetensors(file, path: "w").tensor(named: "w"))
    let place = withExtendedLifetime(file) { tensor.withUnsafeBytes { $0.baseAddress! - file.bytes.baseAddress! } }
    #expect(place == file.bytes.count - 8)
  }

  @Test func replacesAFileThatIsMapped() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try Safetensors.write([("w", Tensor([Float](repeating: 1, count: 5000)))], to: path)
      let tensor = try #require(try Safetensors(path: path).tensor(named: "w"))
      try Safetensors.write([("w", Tensor([Float(2)]))], to: path)
      #expect(tensor.elements(as: Float.self) == [Float](repeating: 1, count: 5000))
      #expect(try Safetensors(path: path).tensor(named: "w") == Tensor([Float(2)]))
    }
  }

  @Test func refusesToWriteWhatTheFormatLacks() throws {
    let twice = try diagnostic {
      try Safetensors.write([("a", Tensor([Float(1)])), ("a", Tensor([Float(1)]))], to: "/dev/null")
    }
    #expect(twice == #"error: there are two tensors called "a" to write"#)
    let packed = try diagnostic {
      try Safetensors.write([("a", Tensor(TensorType(.bit, [8])) { $0[0] = 1 })], to: "/dev/null")
    }
    #expect(packed?.contains("bit[8]") == true)
    let folder = try diagnostic { try Safetensors.write([], to: "/nonexistent/a") }
    #expect(folder?.contains("cannot write '/nonexistent/a': No such file or directory") == true)
  }

  @Test(arguments: [
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]"#, "w:header:1:53: error: expected ',' or '}'"),
    ("[]", "the header should be an object, not a list"),
    ("", "expected a value"),
    (#"{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, #"tensor "w" has the unknown dtype "F31""#),
    (#"{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "an integer that is not negative, not the number -2"),
    (#"{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, "not the number 2.0"),
    (#"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, "does not take the 8 bytes"),
    (#"{"w":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]}}"#, "does not take the 8 bytes"),
    (#"{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, "an integer of at most"),
    (#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "F32[3], which does not take the 8 bytes"),
    (#"{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#, "does not take the 1 bytes"),
    (#"{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "ends at byte 16 of the data, which have 8 bytes"),
    (
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]}}"#,
      "ends at byte 9223372036854775807"
    ),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "should be its begin and end"),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "should be its begin and end"),
    (#"{"w":{"dtype":"F32","shape":[2]}}"#, #"has no "data_offsets""#),
    (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, #"has no key "x""#),
    (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "4 bytes at the end of the file belong to no tensor"),
    (
      #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "4 bytes between the beginning of the data and tensor \"w\""
    ),
    (
      #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "tensor \"w\" overlaps tensor \"v\""
    ),
    (
      #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "tensor \"w\" overlaps tensor \"v\""
    ),
    (
      #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[0],"data_offsets":[6,6]}}"#,
      "2 bytes between tensor \"v\" and tensor \"w\""
    ),
    (
      #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      "the key \"w\" is given twice"
    ),
    (#"{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "metadata should be a string"),
    (#"{"__metadata__":[]}"#, "should be an object"),
    (String(repeating: "[", count: 100_000), "nested more than 64 deep"),
  ])
  func refuses(_ header: String, _ message: String) throws {
    let found = try diagnostic {
      _ = try Safetensors(safetensors(header, data: [UInt8](repeating: 0, count: 8)), path: "w")
    }
    #expect(found?.contains(message) == true, "\(found ?? "no error")")
  }

  @Test(
    arguments: [
      (2_000_000_000, "should be 2000000000 bytes long, but the file has"), (.max, "18446744073709551615"),
      (1 << 63, "9223372036854775808"), (3, "but the file has"),
    ] as [(UInt64, String)])
  func refusesAHeaderLongerThanTheFile(_ length: UInt64, _ message: String) throws {
    let found = try diagnostic { _ = try Safetensors(safetensors("{}", claiming: length), path: "w") }
    #expect(found?.contains(message) == true, "\(found ?? "no error")")
  }

  @Test func refusesTruncatedFiles() throws {
    let whole = contents(
      of: safetensors(#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: [UInt8](repeating: 0, count: 8))
    )
    for count in 0..<whole.count {
      #expect(
        try diagnostic { _ = try Safetensors(storage(Array(whole[..<count])), path: "w") } != nil, "\(count) bytes")
    }
    _ = try Safetensors(storage(whole), path: "w")
  }
}
