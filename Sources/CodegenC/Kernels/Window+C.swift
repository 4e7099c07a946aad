import IR

extension Window {
  /// The axes, with axes of extent 1 before them so that there are three, as kernels take them.
  func threeAxes() throws -> [WindowAxis] { try padded(axes, with: .single) }
}

/// Spatial axes, with others before them so that there are three.
func padded<Axis>(_ axes: some Collection<Axis>, with other: Axis) throws -> [Axis] {
  try require(axes.count <= 3, "there is C for at most 3 spatial axes, not for \(axes.count)")
  return [Axis](repeating: other, count: 3 - axes.count) + axes
}

/// One field of a constant struct for each of three axes.
func fields(_ names: [String], _ axes: [WindowAxis], _ value: KeyPath<WindowAxis, Int>) -> [(String, Int)] {
  zip(names, axes).map { ($0, $1[keyPath: value]) }
}

/// The fields that the structs for convolutions and pools have in common.
func commonFields(_ axes: [WindowAxis]) -> [(String, Int)] {
  fields(["kernel_depth", "kernel_height", "kernel_width"], axes, \.kernel)
    + fields(["stride_z", "stride_y", "stride_x"], axes, \.stride)
    + fields(["dilation_z", "dilation_y", "dilation_x"], axes, \.dilation)
    + fields(["pad_front", "pad_top", "pad_left"], axes, \.padBegin)
}

/// The fields for the extents before and after.
let inputExtents = ["in_depth", "in_height", "in_width"]
let outputExtents = ["out_depth", "out_height", "out_width"]
