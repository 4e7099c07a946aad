/// Every operation, by name. An operation that is not listed here does not exist.
public let allOperations: [any Operation.Type] = [
  Add.self,
  AveragePool.self,
  BatchNormalization.self,
  Constant.self,
  Conv.self,
  Conv2D.self,
  ConvTranspose.self,
  Dense.self,
  DepthwiseConv2D.self,
  Gemm.self,
  GlobalAveragePool.self,
  GlobalLpPool.self,
  GlobalMaxPool.self,
  GroupNormalization.self,
  Hardmax.self,
  Input.self,
  InstanceNormalization.self,
  LRN.self,
  LayerNormalization.self,
  LogSoftmax.self,
  LpNormalization.self,
  LpPool.self,
  MatMul.self,
  MaxPool.self,
  MeanVarianceNormalization.self,
  Pool2D.self,
  RMSNormalization.self,
  Relu.self,
  Resize.self,
  Softmax.self,
]

private let operationsByName = Dictionary(uniqueKeysWithValues: allOperations.map { ($0.name, $0) })

/// The operation called `name`, or nil.
public func operation(named name: String) -> (any Operation.Type)? { operationsByName[name] }
