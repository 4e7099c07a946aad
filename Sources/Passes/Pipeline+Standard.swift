import Targets

extension Pipeline {
  /// What `nnc build` does to every model before other passes that are asked for.
  public static let canonicalize = Pipeline([
    expandComposites,  // first: the others know only what it makes
    foldConstants,  // early: shapes, axes and pads must be constants for everything else
    removeIdentity,
    findActivations,  // before others, for which an activation is one operation
    findNormalizations,
    fusePad,  // before fold-batch-norm, so that it sees convolutions and not pads
    findBits,  // after fuse-pad too, and before fold-batch-norm, which scales weights
    foldThresholds,  // before fold-batch-norm, so that it computes with the numbers of the model
    foldBatchNorm,
    pushTransposes,  // cancels those that an exporter has left
    removeIdentity,
  ])

  /// What `nnc build` does to every model after other passes: from operations of ONNX to those that have fast kernels.
  public static let lower = Pipeline([
    widenHalf,  // first: layers are lowered in single precision only
    moveQuantized,  // so that layers stand between dequantization and quantization
    lowerQuantized,  // before other layers are lowered in floating point
    foldDequantization,  // of weights that no quantized layer took
    lowerEinsum,  // before lower-dense, which takes matrix products
    lowerScaledBits,  // before other layers are lowered, which take no bits
    chooseLayout,  // adds transpositions around each convolution
    removeIdentity,  // so that those that move nothing do not stand in the way of the others
    pushTransposes,
    removeIdentity,
    foldConstants,  // transposed weights
    lowerDense,  // after push-transposes, which reorders plain matrices only
    fuseAttention,  // after lower-dense: other products have no packed weights
    fuseAddition,  // before fuse-activation: an activation comes after a sum, and no sum after an activation
    fuseActivation,  // after lowering, which makes the layers that take activations
    fusePool,  // after fuse-activation: the activation comes before the pool
    fuseBinarization,  // after fuse-pool: bits are made of what is pooled
    chooseSparse,  // after layers have their activations and pools, with which they are compared
    useWinograd,  // after choose-sparse, which compares this form of convolutions too
    mstReorder,  // before choose-bit-layout, which takes the layers that are left
    chooseBitLayout,
    removeIdentity,
  ])

  /// What follows where code is to be small rather than fast.
  public static let small = Pipeline([
    chooseSparseForFlash,  // of what is dense still
    narrowPanels,
  ])

  /// What ends every build.
  public static let store = Pipeline([
    narrowWeights  // after all that takes weights as floats, and puts them in other orders
  ])

  /// The passes of a build without options.
  public static let standard = Pipeline(canonicalize.passes + lower.passes + store.passes)

  /// `lower`, and what a target needs besides.
  public static func lower(for target: Target) -> Pipeline {
    // Last: it takes the weights of layers that have their final form. Even where a product of 64 bits is a function it
    // costs less than one of floats; but processors of 8 bits lack the memory for the integers.
    let isFixed = target.floats == .inSoftware && target.pointerBits >= 32
    return Pipeline(lower.passes + (isFixed ? [useFixedPoint] : []))
  }
}

/// Every pass, for `--passes` and `nnc passes`.
public let allPasses: [Pass] = [
  binarize, chooseBitLayout, chooseLayout, chooseSparse, expandComposites, feedForwardThreshold, findActivations,
  findBits, findNormalizations, foldBatchNorm, foldConstants, foldDequantization, foldThresholds, fuseActivation,
  fuseAddition, fuseAttention, fuseBinarization, fusePad, fusePool, lowerDense, lowerEinsum, lowerQuantized,
  lowerScaledBits, moefy, moveQuantized, mstReorder, narrowPanels, narrowWeights, prune, pruneChannels, pruneLayers,
  pushTransposes, quantizeWeights, removeIdentity, useFixedPoint, useWinograd, widenHalf,
]
