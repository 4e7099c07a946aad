/// Every operation, by name. An operation that is not listed here does not exist.
public let allOperations: [any Operation.Type] = [
  Add.self,
  AveragePool.self,
  Constant.self,
  Conv.self,
  ConvTranspose.self,
  Gemm.self,
  GlobalAveragePool.self,
  GlobalLpPool.self,
  GlobalMaxPool.self,
  Hardmax.self,
  Input.self,
  LogSoftmax.self,
  LpPool.self,
  MatMul.self,
  MaxPool.self,
  Relu.self,
  Softmax.self,
]

private let operationsByName = Dictionary(uniqueKeysWithValues: allOperations.map { ($0.name, $0) })

/// The operation called `name`, or nil.
public func operation(named name: String) -> (any Operation.Type)? { operationsByName[name] }
