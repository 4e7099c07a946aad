import IR
import Testing

/// Operators that look at tensors by equations, grids, regions and indices.
@Suite struct GeometryTests {
  private static let matrix = "[1, 2, 3, 4] : f32[2x2]"
  private static let six = "[0, 1, 2, 3, 4, 5] : i8[2x3]"

  private static func einsum(_ equation: String) -> String { "{equation: \"\(equation)\"}" }

  @Test(arguments: [
    OperationCase("Einsum(%a, %a) \(einsum("ij,jk->ik"))", matrix, gives: "[7.0, 10.0, 15.0, 22.0] : f32[2x2]"),
    OperationCase("Einsum(%a, %a) \(einsum("ij , kj"))", matrix, gives: "[5.0, 11.0, 11.0, 25.0] : f32[2x2]"),
    OperationCase("Einsum(%a) \(einsum("ii"))", matrix, gives: "[5.0] : f32[]"),
    OperationCase("Einsum(%a) \(einsum("ii->i"))", matrix, gives: "[1.0, 4.0] : f32[2]"),
    OperationCase("Einsum(%a) \(einsum("ba"))", matrix, gives: "[1.0, 3.0, 2.0, 4.0] : f32[2x2]"),
    OperationCase("Einsum(%a) \(einsum("bA"))", matrix, gives: "[1.0, 3.0, 2.0, 4.0] : f32[2x2]"),
    OperationCase("Einsum(%a, %b) \(einsum("...j,j"))", matrix, "[1, -1] : f32[2]", gives: "[-1.0, -1.0] : f32[2]"),
    OperationCase(
      "Einsum(%a, %b, %c) \(einsum("i...,...,i->..."))", matrix, "[10] : f32[1x1]", "[1, 2] : f32[2]",
      gives: "[70.0, 100.0] : f32[1x2]"),
    OperationCase("Einsum(%a, %a) \(einsum("i,i"))", "[100, 100] : i8[2]", gives: "[32] : i8[]"),
    OperationCase(
      "Einsum(%a, %b) \(einsum("ij,jk->ik"))", "[] : f32[2x0]", "[] : f32[0x1]", gives: "[0.0, 0.0] : f32[2x1]"),
  ])
  func equations(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase(
      "ReverseSequence(%a, %b) {batch_axis: 0, time_axis: 1}", six, "[2, 0] : i64[2]",
      gives: "[1, 0, 2, 3, 4, 5] : i8[2x3]"),
    OperationCase("ReverseSequence(%a, %b)", six, "[2, 1, 2] : i32[3]", gives: "[3, 1, 5, 0, 4, 2] : i8[2x3]"),
    OperationCase("CenterCropPad(%a, %b)", six, "[1, 4] : i64[2]", gives: "[0, 1, 2, 0] : i8[1x4]"),
    OperationCase("CenterCropPad(%a, %b) {axes: [-1]}", six, "[1] : i64[1]", gives: "[1, 4] : i8[2x1]"),
    OperationCase("CenterCropPad(%a, %b) {axes: [0]}", six, "[0] : i64[1]", gives: "[] : i8[0x3]"),
    OperationCase("EyeLike(%a) {k: -1}", six, gives: "[0, 0, 0, 1, 0, 0] : i8[2x3]"),
    OperationCase("EyeLike(%a) {k: -9223372036854775808, dtype: u8}", "[7] : f32[1x1]", gives: "[0] : u8[1x1]"),
    OperationCase(
      "CumProd(%a, %b) {reverse: true}", "[2, 3, 100] : i8[3]", "[0] : i64[]", gives: "[88, 44, 100] : i8[3]"),
    OperationCase("Det(%a)", "[0, 2, 3, 4] : f32[2x2]", gives: "[-6.0] : f32[]"),
    OperationCase("Det(%a)", "[] : f64[1x0x0]", gives: "[1.0] : f64[1]"),
    OperationCase("Shrink(%a) {bias: 0.5, lambd: 1}", "[-2, 1, 2] : i8[3]", gives: "[-1, 0, 1] : i8[3]"),
    OperationCase("Shrink(%a) {bias: -2}", "[-128, 127, 0] : i8[3]", gives: "[-128, 127, 0] : i8[3]"),
    OperationCase("Shrink(%a)", "[nan, 0.5, -1] : f32[3]", gives: "[0.0, 0.0, -1.0] : f32[3]"),
  ])
  func arrangements(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Compress(%a, %b) {axis: -1}", six, "[true, false, true] : bool[3]", gives: "[0, 2, 3, 5] : i8[2x2]"),
    OperationCase("Compress(%a, %b)", six, "[false, true] : bool[2]", gives: "[1] : i8[1]"),
    OperationCase(
      "Unique(%a) {sorted: false}", "[3, nan, 1, 3, nan] : f32[5]",
      gives:
        "bytes(000040400000c07f0000803f) : f32[3]; [0, 1, 2] : i64[3]; [0, 1, 2, 0, 1] : i64[5]; [2, 2, 1] : i64[3]"),
    OperationCase(
      "Unique(%a) {axis: 1}", "[1, 0, 1, 1, 0, 0] : i8[2x3]",
      gives: "[0, 1, 1, 0, 0, 1] : i8[2x3]; [1, 2, 0] : i64[3]; [2, 0, 1] : i64[3]; [1, 1, 1] : i64[3]"),
    OperationCase(
      "Unique(%a)", "[] : u8[0]", gives: "[] : u8[0]; [] : i64[0]; [] : i64[0]; [] : i64[0]"),
    OperationCase(
      "MaxUnpool(%a, %b) {kernel_shape: [2], strides: [2]}", "[5, 6] : f32[1x1x2]", "[1, -1] : i64[1x1x2]",
      gives: "[0.0, 5.0, 0.0, 6.0] : f32[1x1x4]"),
    OperationCase(
      "MaxUnpool(%a, %b, %c) {kernel_shape: [2]}", "[5, 6] : f32[2x1x1]", "[1, 2] : i64[2x1x1]", "[2, 1, 3] : i64[3]",
      gives: "[0.0, 5.0, 0.0, 6.0, 0.0, 0.0] : f32[2x1x3]"),
    OperationCase(
      "Col2Im(%a, %b, %c) {pads: [1, 0], strides: [2]}", "[1, 2, 3, 4, 127, 100] : i8[1x3x2]", "[4] : i64[1]",
      "[3] : i64[1]", gives: "[3, -127, 4, 100] : i8[1x1x4]"),
  ])
  func places(_ testCase: OperationCase) throws { try testCase.check() }

  private static let image = "[1, 2, 3, 4, 5, 6] : f32[1x1x2x3]"

  @Test(arguments: [
    // Halfway between two elements the even one is nearest, and a point outside is zero.
    OperationCase(
      "GridSample(%a, %b) {mode: nearest, align_corners: true}", image, "[-0.5, -1, 0.5, 1, 1.6, 0] : f32[1x1x3x2]",
      gives: "[1.0, 6.0, 0.0] : f32[1x1x1x3]"),
    OperationCase(
      "GridSample(%a, %b)", image, "[0, 0, 1, 0, -1, -1] : f32[1x3x1x2]", gives: "[3.5, 2.25, 0.25] : f32[1x1x3x1]"),
    OperationCase(
      "GridSample(%a, %b) {padding_mode: border}", image, "[9, -9, nan, 9] : f32[1x1x2x2]",
      gives: "[3.0, 4.0] : f32[1x1x1x2]"),
    OperationCase(
      "GridSample(%a, %b) {padding_mode: reflection, align_corners: true}", image, "[2, -1, -3, -1] : f32[1x1x2x2]",
      gives: "[2.0, 3.0] : f32[1x1x1x2]"),
    OperationCase(
      "GridSample(%a, %b) {padding_mode: reflection, align_corners: true, mode: cubic}", "[7] : f32[1x1x1]",
      "[0.3, inf] : f32[1x2x1]", gives: "[7.0, 7.0] : f32[1x1x2]"),
    OperationCase(
      "RoiAlign(%a, %b, %c) {sampling_ratio: 1}", image, "[0.5, 0.5, 2.5, 1.5] : f32[1x4]", "[0] : i64[1]",
      gives: "[3.5] : f32[1x1x1x1]"),
    OperationCase(
      "RoiAlign(%a, %b, %c) {mode: max, coordinate_transformation_mode: output_half_pixel, sampling_ratio: 1}", image,
      "[1, 0, 2, 1] : f32[1x4]", "[-1] : i64[1]", gives: "[1.5] : f32[1x1x1x1]"),
    OperationCase(
      "DeformConv(%a, %b, %c, %d, %e)", image, "[1, 10] : f32[1x1x1x2]",
      "[0, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, -1, 0, 0.5, 0, 0] : f32[1x4x2x2]", "[0.5] : f32[1]",
      "[1, 1, 1, 1, 1, 0.5, 1, 1] : f32[1x2x2x2]",
      gives: "[22.5, 10.0, 54.5, 34.5] : f32[1x1x2x2]"),
  ])
  func sampling(_ testCase: OperationCase) throws { try testCase.check() }
}

extension GeometryTests {
  @Test(arguments: [
    OperationCase("Einsum(%a)", matrix, gives: "attribute 'equation' is missing or empty"),
    OperationCase("Einsum(%a) \(einsum("i1->i"))", matrix, gives: "has '1' where a letter"),
    OperationCase("Einsum(%a) \(einsum("ij->i->j"))", matrix, gives: "has '-' where a letter"),
    OperationCase("Einsum(%a) \(einsum("..ij"))", matrix, gives: "has '.' where a letter"),
    OperationCase("Einsum(%a) \(einsum("......"))", matrix, gives: "has two ellipses in one term"),
    OperationCase("Einsum(%a) \(einsum("ij,jk"))", matrix, gives: "has 2 terms before '->', but there are 1 operands"),
    OperationCase("Einsum(%a) \(einsum("ijk"))", matrix, gives: "3 letters for operand 0, but its shape is [2x2]"),
    OperationCase("Einsum(%a) \(einsum("ij...k"))", matrix, gives: "3 letters for operand 0, but its shape is [2x2]"),
    OperationCase("Einsum(%a) \(einsum("...->"))", matrix, gives: "the result has no ellipsis"),
    OperationCase("Einsum(%a) \(einsum("ij->k"))", matrix, gives: "the label 'k', but no operand has"),
    OperationCase("Einsum(%a) \(einsum("ij->ii"))", matrix, gives: "the label 'i' twice"),
    OperationCase("Einsum(%a) \(einsum("ii"))", six, gives: "axes of extents 2 and 3 for the label 'i'"),
    OperationCase("Einsum(%a, %a) \(einsum("ij,ji"))", six, gives: "has extent 2 for the label 'j', but another has 3"),
    OperationCase(
      "Einsum(%a, %a, %a, %a) \(einsum("a,b,c,d->"))", "splat(1) : i8[65536]", gives: "the equation adds up"),
    OperationCase("ReverseSequence(%a, %b)", six, "[1] : i64[1]", gives: "'sequence_lens' has shape [1]"),
    OperationCase("ReverseSequence(%a, %b)", six, "[3, 0, 0] : i64[3]", gives: "length 3 in 'sequence_lens'"),
    OperationCase(
      "ReverseSequence(%a, %b) {time_axis: 1}", six, "[1, 1] : i64[2]", gives: "should be 0 and 1, or 1 and 0"),
    OperationCase("CenterCropPad(%a, %b)", six, "[1] : i64[1]", gives: "should have one for each of 2 axes"),
    OperationCase("CenterCropPad(%a, %b)", six, "[-1, 9] : i64[2]", gives: "should have elements from 0 on"),
    OperationCase("EyeLike(%a)", "[1] : f32[1]", gives: "takes a matrix, but 'input' is f32[1]"),
    OperationCase("Det(%a)", "[1, 2] : f32[1x2]", gives: "takes square matrices, but X is f32[1x2]"),
    OperationCase("Compress(%a, %b)", six, "[1] : i8[1]", gives: "should be a list of bools"),
    OperationCase(
      "Compress(%a, %b) {axis: 0}", six, "[true, false, true] : bool[3]", gives: "is true at 2, but there are only 2"),
  ])
  func faultsOfArrangements(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: [
    OperationCase(
      "MaxUnpool(%a, %b) {kernel_shape: [2]}", "[5] : f32[1x1x1]", "[2] : i64[1x1x1]", gives: "index 2 is out of range"),
    OperationCase(
      "MaxUnpool(%a, %b, %c) {kernel_shape: [2]}", "[5] : f32[1x1x1]", "[0] : i64[1x1x1]", "[1, 1, 1] : i64[3]",
      gives: "output_shape is [1, 1, 1], but should be [1x1x2] or greater"),
    OperationCase("MaxUnpool(%a, %a)", "[0] : i64[1x1x1]", gives: "attribute kernel_shape is missing"),
    OperationCase(
      "Col2Im(%a, %b, %c)", "[1, 2, 3] : f32[1x1x3]", "[4] : i64[1]", "[2] : i64[1]",
      gives: "of the 2 elements of a block"),
    OperationCase(
      "Col2Im(%a, %b, %c)", "[1, 2] : f32[1x2x1]", "[4] : i64[1]", "[2] : i64[1]", gives: "should have extent 3"),
    OperationCase(
      "Col2Im(%a, %b, %c)", "[1] : f32[1x1x1]", "[9223372036854775807] : i64[1]", "[1] : i64[1]",
      gives: "should be the extents of an image"),
    OperationCase("GridSample(%a, %b)", image, "[0, 0] : f32[1x2x1]", gives: "should have 4 axes"),
    OperationCase("GridSample(%a, %a)", "[0] : i8[1x1x1]", gives: "for elements of type i8 in mode linear"),
    OperationCase("GridSample(%a, %b)", "[] : f32[1x1x0]", "[0] : f32[1x1x1]", gives: "nothing to sample"),
    OperationCase(
      "RoiAlign(%a, %b, %c)", image, "[0, 0, 1, 1] : f32[1x4]", "[1] : i64[1]", gives: "index 1 is out of range"),
    OperationCase(
      "RoiAlign(%a, %b, %c) {sampling_ratio: -1}", image, "[0, 0, 1, 1] : f32[1x4]", "[0] : i64[1]",
      gives: "sampling_ratio is -1"),
    OperationCase(
      "RoiAlign(%a, %b, %c)", image, "[0, 0, 1, 1] : f32[4]", "[0] : i64[1]", gives: "should have shapes [R, 4] and [R]"
    ),
    OperationCase(
      "DeformConv(%a, %b, %c)", image, "[1] : f32[1x1x1x1]", "splat(0) : f32[1x1x2x3]",
      gives: "offset has shape [1x1x2x3], but should have [1x2x2x3]"),
    OperationCase(
      "DeformConv(%a, %b, %c) {offset_group: 2}", image, "[1] : f32[1x1x1x1]", "splat(0) : f32[1x2x2x3]",
      gives: "cannot be divided into offset_group 2 groups"),
  ])
  func faultsOfPlaces(_ testCase: OperationCase) { testCase.checkFault() }
}
